"""The two mails of the reference solution, over its own articles and beside a whole bank's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.types import Decision, Factor, Turn
from tests.agents.engine.conftest import lines
from tests.agents.knowledge import knowledge_of

pytestmark = [pytest.mark.data, pytest.mark.django_db]

LATE_FEE, TRAVEL_CARD = 0, 1
ANGRY = {Factor.ANGRY_FRUSTRATED_TONE, Factor.URGENCY}


def _articles(data: Path) -> Iterator[tuple[str, bytes]]:
    for article in sorted((data / "sample_bank" / "knowledge-articles").rglob("*.txt")):
        yield article.name, article.read_bytes()


def _with_a_whole_bank(data: Path) -> Iterator[tuple[str, bytes]]:
    yield from _articles(data)
    pages = [
        line for line in (data / "kb_bank" / "docs.jsonl").read_text().splitlines() if '"internal": true' not in line
    ]
    yield "pages.jsonl", "\n".join(pages).encode()


@pytest.fixture(scope="module", params=[_articles, _with_a_whole_bank], ids=["two articles", "beside a whole bank"])
def bank(request, shared_data, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    with knowledge_of(request.param(shared_data), django_db_blocker, tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture
def mail(bank, shared_data, run):
    mails = lines(shared_data / "sample_bank" / "emails.jsonl")

    def mail(number: int, **options):
        return run(mails[number]["body"], mails[number]["subject"], sender_verified=True, **options)

    return mail


def test_the_late_fee_complaint_of_a_premium_customer_scores_5(mail):
    result = mail(LATE_FEE)
    assert (result.decision, result.score) == (Decision.ESCALATE, 5)
    assert {factor: found.count for factor, found in result.factors.items()} == dict.fromkeys(
        [Factor.PREMIUM_COMPLAINTS, *ANGRY], 1
    )
    assert result.explanation == (
        "Routed to a consultant because of premium complaints (-50), angry/frustrated tone (-30) and urgency (-15). "
        "The confidence score is 5."
    )
    assert any("Late Payment" in passage["title"] for passage in result.details["passages"])
    assert result.details["guide"]
    assert result.category in ("billing", "complaint")


def test_of_another_customer_it_scores_55(mail):
    result = mail(LATE_FEE, inapplicable_factors=frozenset({Factor.PREMIUM_COMPLAINTS}))
    assert (result.decision, result.score, set(result.factors)) == (Decision.ESCALATE, 55, ANGRY)


def test_the_travel_card_request_is_answered_from_the_article(mail):
    result = mail(TRAVEL_CARD, salutation="Efua Owusu")
    assert (result.decision, result.score, dict(result.factors)) == (Decision.AUTO_SEND, 100, {})
    assert {source.external_id for source in result.sources} == {"CreditCardOptions"}
    for told in (
        *("Premium Travel Card", "No-Fee Travel Card"),
        *("5x points on flights", "3x points on travel"),
        *("$450", "$0", "75,000 points", "20,000 points", "airport lounge access"),
    ):
        assert told in result.reply_text
    for other in ("Secured Credit Builder", "Student Rewards", "Balance Transfer"):
        assert other not in result.reply_text


def test_the_chat_message_after_it_is_answered_for_the_cards_the_mail_was_about(mail, run, shared_data):
    asked = lines(shared_data / "sample_bank" / "emails.jsonl")[TRAVEL_CARD]["body"]
    history = (Turn("customer", asked, "outlook"), Turn("assistant", mail(TRAVEL_CARD).reply_text, "outlook"))
    result = run("And what is the annual fee?", sender_verified=True, history=history)
    assert result.decision is Decision.AUTO_SEND
    for told in ("Premium Travel Card", "$450", "No-Fee Travel Card", "$0"):
        assert told in result.reply_text
