"""``manage.py insights_compare``: models side by side on the same histories."""

import json
import xml.etree.ElementTree as ElementTree
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from conversations.insights.comparing.measures import bleu_measure, plain, rouge_measure
from conversations.models import Customer, Identity, Interaction
from omnicqm.common.models import Attempt
from tests.conversations.insights.generation.histories import draft

BROKEN = draft("The lamp of the customer is broken.")
ROW = {
    "id": "lamp",
    "turns": [
        {"role": "customer", "text": "My lamp is broken. I want a new one."},
        {"role": "agent", "text": "We have ordered a new lamp for you.", "day": 1},
    ],
    "references": ["The lamp is broken. A new lamp was ordered.", "A new lamp was ordered for the broken one."],
}


@pytest.fixture
def compare(tmp_path):
    """Runs the command; what it printed and the data it wrote."""

    def compare(*arguments: str) -> tuple[str, list[dict]]:
        out = StringIO()
        call_command("insights_compare", *arguments, "--out", str(tmp_path / "out"), stdout=out)
        return out.getvalue(), json.loads((tmp_path / "out" / "insights-compare.json").read_text())["models"]

    return compare


@pytest.fixture
def conversations(tmp_path):
    file = tmp_path / "conversations.jsonl"
    file.write_text("\n".join([json.dumps(ROW)] * 3))
    return str(file)


def test_models_side_by_side_with_references(models, compare, conversations, tmp_path):
    models([BROKEN, "no JSON"], cached=50)
    printed, [local, primary] = compare("--models", "local,primary", "--references", conversations, "--sample", "2")
    assert (local["summaries"], local["fallbacks"], local["cost_usd"]) == (2, 0, "0")
    assert local["rouge"]["rouge1"] > primary["rouge"]["rouge1"] > 0
    assert primary["fallbacks"] == 1, "the second summary is the engine's"
    assert primary["failures"] == {"format": 2}, "the answer and its repair"
    assert (primary["cache_hits"], primary["cached_tokens"]) == (1, 150)
    assert printed.count("\n| ") == 3
    assert "format 2" in printed
    assert set(Attempt.objects.values_list("scope", flat=True)) == {"insights_compare"}
    picture = ElementTree.parse(tmp_path / "out" / "insights-compare.svg").getroot()
    assert [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")][1] == "Quality: ROUGE-L"
    assert "| primary | 2 |" in (tmp_path / "out" / "insights-compare.md").read_text()


def test_our_own_histories_without_references(models, compare):
    models()
    for number in (1, 2):
        customer = Customer.objects.create(display_name=f"Customer {number}")
        Identity.objects.create(customer=customer, kind=Identity.Kind.ACCOUNT, value=f"ACC-{number}")
        Interaction.objects.create(
            customer=customer,
            source=Interaction.Source.API,
            channel="phone",
            occurred_at=timezone.now() - timedelta(days=number),
            detail="Customer called about a late fee of $35. Agent waived the fee.",
            external_id=str(number),
        )
    printed, [local] = compare("--models", "local")
    assert (local["summaries"], local["rouge"], local["support"]) == (2, None, 1.0)
    assert "| - | - | - | - |" in printed


@pytest.mark.parametrize(
    ("line", "told"), [("{", "line 1"), ('{"id": 1}', "'turns'"), ('{"turns": []}', "no turns"), ("[]", "line 1")]
)
def test_a_file_that_is_no_list_of_conversations_is_refused(db, compare, tmp_path, line, told):
    (tmp_path / "bad.jsonl").write_text(line)
    with pytest.raises(CommandError, match=told):
        compare("--models", "local", "--references", str(tmp_path / "bad.jsonl"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--models", "gpt"), "no model 'gpt'"),
        (("--models", ","), "at least one model"),
        (("--models", "local", "--sample", "0"), "at least 1"),
        (("--models", "local", "--references", "nowhere.jsonl"), "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_said(db, compare, conversations, arguments, told):
    with pytest.raises(CommandError, match=told):
        compare("--references", conversations, *arguments)


def test_without_histories_there_is_nothing_to_compare(db, compare):
    with pytest.raises(CommandError, match="no history"):
        compare("--models", "local")


def test_measures():
    text = "2 interactions on 3 May 2026 (chat).\nProblem: The lamp is broken. (3 May, chat)\nMood: angry."
    assert plain(text) == "The lamp is broken. angry."
    assert rouge_measure("the lamp is broken", ["the lamp is broken", "nothing"])["rougeL"] == pytest.approx(0.5)
    told = bleu_measure(
        ["the lamp is broken now", "all is well again"], [["the lamp is broken now"], ["a", "all is well again"]]
    )
    assert told == pytest.approx(100)
