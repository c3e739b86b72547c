"""A message in, a reply out: the whole journey inside the process, with the real agent and its embedded engine."""

import json
from pathlib import Path

import pytest
from django.core import mail

from conversations.channels.base import InboundMessage, Sender
from conversations.models import Conversation, Customer, Query
from conversations.services.accept import message_accept
from conversations.services.channels import channels_ensure_defaults
from conversations.services.customer_import import customers_import
from knowledge.services import upload_create, versions_sweep
from tests.api import ApiClient
from tests.conversations.people import channel_get
from tests.conversations.receivers import receiver_running

pytestmark = pytest.mark.django_db(transaction=True)

ARTICLE = """# The Compass travel card

The Compass card has an annual fee of $95. You earn three points for every dollar spent on flights and hotels.

## Airport lounges

The Compass card gives you free access to 1,200 airport lounges, with one guest per visit.
"""
EFUA = "efua@example.com"


@pytest.fixture
def api(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    channels_ensure_defaults()
    return ApiClient()


@pytest.fixture
def receiver(settings):
    with receiver_running() as receiver:
        settings.OUTGOING_ALLOW = [receiver.url.split("/")[2]]
        yield receiver


def learn(text: str, name: str = "article.md") -> None:
    upload_create(data=text.encode(), name=name, source="test", actor="system:test")
    versions_sweep()


def send(api, message, **fields):
    """Post a message; the document of its query, which the eager worker has ended already."""
    body = {"channel_id": "outlook", "user_id": EFUA, "message": message, **fields}
    accepted = api.post("/api/v1/query", body)
    assert accepted.status_code == 202, accepted.content
    ended = api.get(f"/api/v1/queries/{accepted.json()['request_id']}")
    assert ended.status_code == 200
    return ended.json()


def test_a_mail_is_answered_from_the_documents_and_the_reply_goes_out_by_mail(api):
    learn(ARTICLE)
    document = send(api, "How much is the annual fee of the Compass card?", subject="Compass card")
    assert (document["status"], document["decision"]) == ("answered", "auto_send")
    assert document["score"] >= 80
    assert "$95" in document["reply"]["text"]
    assert document["reply"]["sources"][0]["title"] == "The Compass travel card"
    [sent] = mail.outbox
    assert sent.to == [EFUA]
    assert "$95" in sent.body
    assert "The Compass travel card" in sent.body


def test_the_machine_that_posted_the_mail_is_told_by_a_signed_callback(api, receiver):
    learn(ARTICLE)
    document = send(api, "How much is the annual fee of the Compass card?", callback_url=receiver.url)
    [told] = receiver.verified(channel_get("outlook").secret)
    assert told["type"] == "query.answered"
    assert told["data"] == document
    assert mail.outbox == []


def test_what_the_documents_do_not_hold_goes_to_a_person_and_the_customer_is_told_so(api, receiver):
    document = send(api, "Do you sell pineapples on Mars?", callback_url=receiver.url)
    assert document["status"] == "escalated"
    [told] = receiver.verified(channel_get("outlook").secret)
    assert told["type"] == "query.escalated"
    thread = api.get(f"/api/v1/conversations/{document['conversation_id']}/messages").json()["messages"]
    assert [message["author"] for message in thread] == ["customer", "system"]


def test_the_chat_goes_on_where_the_mail_left_off(api):
    learn(ARTICLE)
    first = send(api, "How much is the annual fee of the Compass card?")
    chat = InboundMessage(
        channel=channel_get("chat"),
        sender=Sender(kind="email", value=EFUA, verified=True),
        text="And what about airport lounges?",
        conversation_id=first["conversation_id"],
    )
    query = message_accept(inbound=chat).query
    query.refresh_from_db()
    assert Customer.objects.count() == Conversation.objects.count() == 1
    assert query.status == "answered"
    assert "1,200 airport lounges" in query.reply.text
    assert query.reply.channel_id == "chat"
    assert [m.channel_id for m in query.conversation.messages.order_by("seq")] == ["outlook", "outlook", "chat", "chat"]


@pytest.mark.data
def test_the_two_mails_of_the_sample_bank_go_the_ways_they_should(api, shared_data: Path):
    folder = shared_data / "sample_bank"
    for article in sorted((folder / "knowledge-articles").rglob("*.txt")):
        learn(article.read_text(), name=article.name)
    customers_import(content=(folder / "customerprofiles.csv").read_bytes(), actor="system:test")
    cases = {case["id"]: case for case in _lines(folder / "emails.jsonl")}

    complaint = cases["sample_1"]
    document = send(api, complaint["body"], subject=complaint["subject"], user_id="Mateo_Jackson@example.org")
    assert (document["status"], document["score"]) == ("escalated", complaint["expected_score"])
    assert {name for name, factor in document["factors"].items() if factor["count"]} == set(
        complaint["expected_factors"]
    )
    packet = Query.objects.get(pk=document["request_id"]).escalation.packet
    assert packet["profile"]["service_level"] == "premium"

    inquiry = cases["sample_2"]
    document = send(api, inquiry["body"], subject=inquiry["subject"], user_id="Efua_Owusu@example.com")
    assert document["status"] == "answered"
    assert document["score"] >= 80
    assert document["reply"]["sources"]


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines() if line]
