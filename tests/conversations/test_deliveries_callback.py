"""Signed callbacks to a real receiver on loopback: what it gets, and how each of its answers is taken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.deliveries import services
from conversations.deliveries.schedule import JITTER, WAITS, wait_before_next
from conversations.models import Channel, Delivery, Message, Query
from conversations.services.messages import message_append
from omnicqm.common.errors import Conflict
from omnicqm.common.models import AuditEvent
from tests.conversations.people import conversation_make, query_make
from tests.conversations.receivers import receiver_running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver(settings):
    with receiver_running() as receiver:
        settings.OUTGOING_ALLOW = [receiver.url.split("/")[2]]
        yield receiver


@pytest.fixture
def query(receiver):
    """An answered query whose sender left the receiver's address."""
    query = query_make(conversation_make(), "Where is my card?", callback_url=receiver.url)
    reply = message_append(
        conversation=query.conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        channel=query.channel,
        text="It is on its way.",
        html="<p>It is on its way.</p>",
    )
    Query.objects.filter(pk=query.pk).update(status="answered", reply=reply, finished_at=timezone.now())
    query.refresh_from_db()
    return query


def tell(query, event="query.answered"):
    """Owe the callback and let it be tried once."""
    delivery = services.callback_create(query=query, event=event, message=query.reply)
    delivery.refresh_from_db()
    return delivery


def try_again(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    services.delivery_attempt(delivery_id=delivery.pk)
    delivery.refresh_from_db()


def test_the_receiver_gets_the_signed_document_of_the_query(query, receiver):
    delivery = tell(query)
    assert delivery.state == "delivered"
    [body] = receiver.verified(query.channel.secret)
    assert body["type"] == "query.answered"
    assert body["timestamp"]
    assert body["data"]["request_id"] == query.pk
    assert body["data"]["status"] == "answered"
    assert body["data"]["reply"]["text"] == "It is on its way."
    assert receiver.calls[0].headers["webhook-id"] == delivery.pk
    assert receiver.calls[0].headers["content-type"] == "application/json"


def test_repetitions_carry_the_same_webhook_id_and_a_fresh_signature(query, receiver):
    receiver.answer_with(500)
    delivery = tell(query)
    assert delivery.state == "pending"
    try_again(delivery)
    assert (delivery.state, delivery.tries) == ("delivered", 2)
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len(receiver.verified(query.channel.secret)) == 2


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (302, "failed"),
        (400, "failed"),
        (404, "failed"),
        (410, "failed"),
        (408, "pending"),
        (429, "pending"),
        (500, "pending"),
        (503, "pending"),
    ],
)
def test_only_2xx_is_success_and_what_may_pass_is_tried_again(query, receiver, status, state):
    receiver.answer_with(status)
    delivery = tell(query)
    assert delivery.state == state
    assert (str(status) in delivery.last_error) == (state != "delivered")


def test_a_redirect_is_not_followed(query, receiver):
    receiver.answer_with(307, Location=receiver.url)
    tell(query)
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        ("9" * 400, 24 * 3600),
        ("Wed, 01 Jan 2098 00:00:00 GMT", 24 * 3600),
        ("Wed, 01 Jan 1998 00:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
    ],
)
def test_the_receivers_wish_to_wait_is_respected_within_a_day(query, receiver, asked, seconds):
    receiver.answer_with(503, Retry_After=asked)
    before = timezone.now()
    wait = tell(query).due_at - before
    assert timedelta(seconds=seconds) <= wait <= timedelta(seconds=max(seconds, 5 * (1 + JITTER)) + 5)


def test_nobody_at_the_address_is_tried_again(query, settings):
    query.callback_url = "http://127.0.0.1:1/hook"
    settings.OUTGOING_ALLOW = ["127.0.0.1:1"]
    assert tell(query).state == "pending"


def test_a_private_address_is_never_called(query, receiver, settings):
    settings.OUTGOING_ALLOW = []
    assert tell(query).state == "failed"
    assert receiver.calls == []


def test_the_channels_address_serves_queries_without_one_of_their_own(query, receiver):
    Query.objects.filter(pk=query.pk).update(callback_url="")
    Channel.objects.filter(pk=query.channel_id).update(callback_url=receiver.url)
    assert tell(Query.objects.get(pk=query.pk)).state == "delivered"


def test_after_the_last_wait_it_has_failed_and_a_person_may_send_it_again(query, receiver):
    receiver.answer_with(500)
    delivery = tell(query)
    for _ in WAITS[1:]:
        receiver.answer_with(500)
        try_again(delivery)
    assert (delivery.state, delivery.tries) == ("failed", len(WAITS))
    services.delivery_retry(delivery=delivery, actor="user:1")
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert AuditEvent.objects.get(action="delivery.retried").object_id == delivery.pk
    with pytest.raises(Conflict):
        services.delivery_retry(delivery=delivery, actor="user:1")


def test_the_waits_follow_the_standard_and_jitter_only_lengthens_them():
    assert [wait.total_seconds() for wait in WAITS[:5]] == [0, 5, 300, 1800, 7200]
    assert sum(WAITS, timedelta()) > timedelta(days=3)
    for tries in range(1, len(WAITS)):
        assert WAITS[tries] <= wait_before_next(tries) <= WAITS[tries] * (1 + JITTER)
    assert wait_before_next(len(WAITS)) is None


def test_the_sweep_finds_what_is_due_and_what_a_dead_worker_left(query, receiver):
    receiver.answer_with(500)
    delivery = tell(query)
    services.deliveries_sweep()
    assert len(receiver.calls) == 1
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", lease_until=timezone.now() - timedelta(seconds=1))
    services.deliveries_sweep()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_delivery_that_another_worker_is_at_is_left_alone(query, receiver):
    receiver.answer_with(500)
    delivery = tell(query)
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", lease_until=timezone.now() + timedelta(minutes=1))
    try_again(delivery)
    assert len(receiver.calls) == 1
