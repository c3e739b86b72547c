"""The demo's day: made by the product's own services, dated back, and the same however often it is loaded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Conversation, Delivery, Escalation, Message, Query
from conversations.services.channels import channels_ensure_defaults
from omnicqm.demo import day
from omnicqm.demo.company import articles_load, customers_load, staff_ensure
from omnicqm.demo.seeds import seeds_read

pytestmark = pytest.mark.django_db(transaction=True)

ESCALATED = {"person-please": "assigned", "account-address": "open", "third-date": "open"}
BY_CONSULTANT = {"wardrobe-dates": "answered", "piano": "closed"}


@pytest.fixture
def consultant(monkeypatch):
    monkeypatch.setattr(day, "DELIVERY_SECONDS", 0)
    channels_ensure_defaults()
    customers_load()
    return staff_ensure(admin_password="a long password", consultant_password="another password")


def test_the_day_shows_every_way_a_message_can_end(consultant):
    articles_load()
    day.day_load(consultant=consultant)

    ended = {query.message.metadata["demo"]: query for query in Query.objects.select_related("message", "reply", "run")}
    states = dict(Escalation.objects.values_list("query__message__metadata__demo", "state"))
    assert states == {**ESCALATED, **BY_CONSULTANT}
    assert ended["out-of-office"].status == "ignored"
    for key in set(ended) - set(states) - {"out-of-office"}:
        assert ended[key].status == "answered", key
        assert ended[key].reply.sources, key
    complaint = Escalation.objects.get(query=ended["third-date"])
    assert complaint.score == 5
    assert complaint.packet["factors"].keys() == {"urgency", "premium_complaints", "angry_frustrated_tone"}
    assert ended["wardrobe-dates"].reply.consultant == consultant


def test_mail_and_chat_of_a_customer_are_one_conversation(consultant):
    day.day_load(consultant=consultant)
    inbound = Message.objects.filter(metadata__demo="lamp-return", direction="inbound")
    assert [message.channel_id for message in inbound] == ["outlook", "chat"]
    assert len({message.conversation_id for message in inbound}) == 1


def test_everything_lies_where_the_day_puts_it(consultant):
    day.day_load(consultant=consultant)
    now = timezone.now()
    for seed in seeds_read():
        for index, turn in enumerate(seed.turns):
            message = Message.objects.get(external_id=seed.external_id(index))
            assert abs(message.created_at - turn.moment(now)) < timedelta(minutes=5)
            query = message.query
            assert abs(query.created_at - message.created_at) < timedelta(minutes=1)
            assert query.created_at <= query.finished_at <= query.created_at + timedelta(minutes=2)
    for conversation in Conversation.objects.all():
        moments = list(conversation.messages.order_by("seq").values_list("created_at", flat=True))
        assert moments == sorted(moments), "a thread is in order"
        assert (conversation.created_at, conversation.updated_at) == (moments[0], moments[-1])
    for delivery in Delivery.objects.exclude(message=None).select_related("message"):
        assert abs(delivery.created_at - delivery.message.created_at) < timedelta(minutes=1)
    due = dict(Escalation.objects.values_list("query__message__metadata__demo", "due_at"))
    assert now < due["third-date"] < now + timedelta(hours=2), "a Premium member waits two hours at most"


def test_loading_twice_changes_nothing(consultant):
    day.day_load(consultant=consultant)
    before = _rows()
    day.day_load(consultant=consultant)
    assert _rows() == before


@pytest.mark.parametrize("step", ["message_accept", "_consultant_act", "conversation_place"])
def test_a_load_that_was_killed_is_finished_by_the_next(consultant, monkeypatch, step):
    with monkeypatch.context() as patched:
        patched.setattr(day, step, _dying_after(3, getattr(day, step)))
        with pytest.raises(KeyboardInterrupt):
            day.day_load(consultant=consultant)

    assert day.day_load(consultant=consultant) == len(seeds_read())

    turns = sum(len(seed.turns) for seed in seeds_read())
    assert Message.objects.filter(direction="inbound").count() == turns
    assert Query.objects.count() == turns
    assert not Query.objects.filter(status__in=Query.PENDING).exists()
    assert Message.objects.filter(metadata__has_key="demo_placed").count() == len(seeds_read())
    acts = [seed.consultant.does for seed in seeds_read() if seed.consultant]
    assert Message.objects.exclude(consultant=None).count() == sum(act in ("reply", "close") for act in acts)


def _dying_after(calls, function):
    left = iter(range(calls))

    def dying(*args, **kwargs):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return dying


def _rows():
    return (
        list(Message.objects.order_by("pk").values_list("pk", "created_at", "text")),
        list(Query.objects.order_by("pk").values_list("pk", "status", "finished_at")),
        list(Escalation.objects.order_by("pk").values_list("pk", "state", "due_at", "closed_at")),
        list(Delivery.objects.order_by("pk").values_list("pk", "created_at")),
    )
