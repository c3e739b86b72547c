"""A reply goes out ten seconds after the button is pressed, unless it is taken back or something changes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from conversations.errors import (
    ColleagueReplied,
    CustomerWroteAgain,
    EscalationTaken,
    HeldReplyOver,
    ReplyIsHeld,
)
from conversations.escalations.services import (
    escalation_claim,
    escalation_hold_reply,
    escalation_reply,
    escalation_resolve,
    escalation_snooze,
    held_replies_sweep,
    held_reply_send,
    held_reply_undo,
)
from conversations.models import Conversation, Delivery, Escalation, HeldReply, Message
from conversations.tasks import desk_sweep
from omnicqm.common.errors import InvalidInput, NotAllowed
from omnicqm.common.models import AuditEvent
from tests.conversations.desk.people import case_make, customer_writes, newest, staff_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ama():
    return staff_make("ama")


@pytest.fixture
def kofi():
    return staff_make("kofi")


@pytest.fixture
def escalation(clock):
    return case_make()


def hold(escalation, user, text="My answer.", **fields):
    values = {"known_seq": newest(escalation), "then": "answered", **fields}
    return escalation_hold_reply(escalation=escalation, user=user, text=text, **values)


def sent(escalation):
    replies = Message.objects.filter(conversation=escalation.conversation_id, author="consultant")
    return list(replies.exclude(direction="note").values_list("text", flat=True))


def test_nothing_goes_out_before_its_time_and_then_it_does(escalation, ama, clock, told):
    held = hold(escalation, ama)
    assert held.seconds_left() == 10
    assert sent(escalation) == []
    clock.forward(seconds=9)
    assert held_reply_send(held_id=held.pk) is None
    clock.forward(seconds=1)
    message = held_reply_send(held_id=held.pk)
    assert sent(escalation) == ["My answer."]
    assert Delivery.objects.get(message=message).kind == "mail"
    escalation.refresh_from_db()
    held.refresh_from_db()
    assert (escalation.state, escalation.reply, escalation.assignee) == ("answered", message, ama)
    assert (held.state, held.text, held.draft) == ("sent", "", "")
    assert [payload["kind"] for name, payload in told if name == "escalation.changed"][-2:] == ["held", "answered"]


def test_who_learns_from_it_is_told_what_was_suggested_and_what_was_sent(escalation, ama, clock, told):
    hold(escalation, ama)
    clock.forward(seconds=10)
    held_replies_sweep()
    [answered] = [payload for name, payload in told if name == "escalation.answered"]
    message = Message.objects.get(author="consultant")
    assert answered == {
        "escalation_id": escalation.pk,
        "message_id": message.pk,
        "draft": "A suggestion.",
        "text": "My answer.",
        "user_id": ama.pk,
    }


@pytest.mark.parametrize(("then", "state", "status"), [
    ("answered", "answered", "open"), ("waiting", "waiting", "with_consultant"), ("resolve", "answered", "resolved"),
])  # fmt: skip
def test_what_comes_after_it(escalation, ama, clock, then, state, status):
    hold(escalation, ama, then=then)
    clock.forward(seconds=10)
    desk_sweep()
    escalation.refresh_from_db()
    assert (escalation.state, Conversation.objects.get().status) == (state, status)
    assert escalation.resolution == ("solved" if then == "resolve" else "")


def test_taken_back_nothing_goes_out_and_the_text_is_there(escalation, ama, clock):
    held = held_reply_undo(held=hold(escalation, ama), user=ama)
    assert (held.state, held.text) == ("undone", "My answer.")
    clock.forward(seconds=60)
    assert held_replies_sweep() == 0
    escalation.refresh_from_db()
    assert (sent(escalation), escalation.state, escalation.assignee) == ([], "assigned", ama)
    assert held_reply_undo(held=held, user=ama).state == "undone"


def test_it_can_be_changed_and_sent_after_it_was_taken_back(escalation, ama, clock):
    held_reply_undo(held=hold(escalation, ama), user=ama)
    hold(escalation, ama, "My better answer.")
    clock.forward(seconds=10)
    held_replies_sweep()
    assert sent(escalation) == ["My better answer."]


def test_nobody_takes_back_anothers_and_nobody_what_is_out(escalation, ama, kofi, clock):
    held = hold(escalation, ama)
    with pytest.raises(NotAllowed):
        held_reply_undo(held=held, user=kofi)
    clock.forward(seconds=10)
    held_replies_sweep()
    with pytest.raises(HeldReplyOver) as caught:
        held_reply_undo(held=held, user=ama)
    assert caught.value.message == "It has been sent."


def test_pressed_twice_it_is_one_reply(escalation, ama, clock):
    first = hold(escalation, ama)
    clock.forward(seconds=3)
    second = hold(escalation, ama)
    assert (first.pk, first.send_at) == (second.pk, second.send_at)
    with pytest.raises(ReplyIsHeld):
        hold(escalation, ama, "Another text.")
    clock.forward(seconds=7)
    assert [held_reply_send(held_id=first.pk) is not None for _ in range(3)] == [True, False, False]
    assert sent(escalation) == ["My answer."]


def test_many_workers_at_once_send_it_once(escalation, ama, clock):
    held = hold(escalation, ama)
    clock.forward(seconds=10)
    barrier = Barrier(4)

    def work(_):
        barrier.wait()
        try:
            return held_reply_send(held_id=held.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len([message for message in pool.map(work, range(4)) if message]) == 1
    assert sent(escalation) == ["My answer."]


def test_undone_and_sent_at_the_same_moment_it_is_one_of_the_two(escalation, ama, clock):
    held = hold(escalation, ama)
    clock.forward(seconds=10)
    barrier = Barrier(2)

    def undo():
        barrier.wait()
        try:
            return held_reply_undo(held=held, user=ama).state
        except HeldReplyOver:
            return "too late"
        finally:
            connection.close()

    def work():
        barrier.wait()
        try:
            return held_reply_send(held_id=held.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        undone, message = pool.submit(undo), pool.submit(work)
        assert (undone.result() == "undone") == (message.result() is None)


def test_a_worker_that_is_killed_while_it_sends_leaves_it_to_the_sweep(escalation, ama, clock, monkeypatch):
    held = hold(escalation, ama)
    clock.forward(seconds=10)
    with monkeypatch.context() as patched:
        patched.setattr(
            "conversations.escalations.services.holding.reply_send", lambda *_, **__: exec("raise SystemExit")
        )
        with pytest.raises(SystemExit):
            held_reply_send(held_id=held.pk)
    assert sent(escalation) == []
    desk_sweep()
    assert sent(escalation) == ["My answer."]


def test_what_breaks_again_and_again_is_the_draft_again(escalation, ama, clock, monkeypatch, caplog):
    hold(escalation, ama)
    monkeypatch.setattr("conversations.escalations.services.holding.reply_send", lambda *_, **__: 1 / 0)
    for _ in range(5):
        clock.forward(minutes=2)
        held_replies_sweep()
    held = HeldReply.objects.get()
    assert (held.state, held.text, held.tries) == ("stopped", "My answer.", 5)
    assert held.reason == "It could not be sent. Try again in a moment."
    assert "My answer." not in caplog.text


class TestWhatStopsIt:
    def test_the_customer_writes(self, escalation, ama, clock, told):
        held = hold(escalation, ama)
        clock.forward(seconds=4)
        message = customer_writes(escalation, "It has solved itself.").message
        held.refresh_from_db()
        assert (held.state, held.text, held.reason_code) == ("stopped", "My answer.", "customer_wrote_again")
        assert held.reason == "The customer has written again. Read the new message before you reply."
        assert AuditEvent.objects.get(action="escalation.reply_stopped").details["seq"] == message.seq
        assert ("escalation.changed", "stopped") in [(name, payload.get("kind")) for name, payload in told]
        clock.forward(seconds=10)
        assert held_replies_sweep() == 0
        assert sent(escalation) == []

    def test_a_colleague_takes_over(self, escalation, ama, kofi, clock):
        held = hold(escalation, ama)
        escalation_claim(escalation=escalation, user=kofi, take_over=True)
        held.refresh_from_db()
        assert (held.state, held.reason, held.text) == ("stopped", "Kofi has this one now.", "My answer.")

    def test_what_nobody_noticed_before_is_noticed_when_it_is_due(self, escalation, ama, kofi, clock):
        """As when a row was changed by hand: everything is checked once more."""
        held = hold(escalation, ama)
        Escalation.objects.update(assignee=kofi)
        clock.forward(seconds=10)
        held_replies_sweep()
        held.refresh_from_db()
        assert (held.state, held.reason_code, sent(escalation)) == ("stopped", "escalation_taken", [])

    def test_the_account_of_who_wrote_it_is_closed(self, escalation, ama, clock):
        held = hold(escalation, ama)
        type(ama).objects.filter(pk=ama.pk).update(is_active=False)
        clock.forward(seconds=10)
        held_replies_sweep()
        held.refresh_from_db()
        assert (held.state, sent(escalation)) == ("stopped", [])

    def test_and_meanwhile_nothing_else_is_done_with_it(self, escalation, ama, clock):
        hold(escalation, ama)
        known = newest(escalation)
        for act in (
            lambda: escalation_reply(escalation=escalation, user=ama, text="Twice?", known_seq=known),
            lambda: escalation_resolve(escalation=escalation, user=ama, resolution="spam"),
            lambda: escalation_snooze(escalation=escalation, user=ama, until=clock.moment.replace(hour=20)),
        ):
            with pytest.raises(ReplyIsHeld):
                act()


class TestWhatChanged:
    """A refusal says who did what, when, and which message it is about."""

    def test_the_customer_wrote(self, escalation, ama):
        known = newest(escalation)
        message = customer_writes(escalation).message
        with pytest.raises(CustomerWroteAgain) as caught:
            hold(escalation, ama, known_seq=known)
        changed = caught.value.changed
        assert (changed.what, changed.seq, changed.at) == ("customer_wrote", message.seq, message.received_at)
        assert changed.as_json()["at"] == message.received_at.isoformat()

    def test_a_colleague_replied(self, escalation, ama, kofi):
        known = newest(escalation)
        reply = escalation_reply(escalation=escalation, user=kofi, text="Mine.", known_seq=known, then="waiting")
        escalation_claim(escalation=escalation, user=ama, take_over=True)
        with pytest.raises(ColleagueReplied) as caught:
            escalation_reply(escalation=escalation, user=ama, text="Mine too.", known_seq=known)
        changed = caught.value.changed
        assert caught.value.status == 409
        assert (changed.who, changed.user_id, changed.seq) == ("Kofi", kofi.pk, reply.seq)
        assert caught.value.message == "Kofi has replied meanwhile. Read it before you reply."
        assert sent(escalation) == ["Mine."]

    def test_a_colleague_has_it(self, escalation, ama, kofi):
        escalation_claim(escalation=escalation, user=kofi)
        with pytest.raises(EscalationTaken) as caught:
            hold(escalation, ama)
        changed = caught.value.changed
        assert (changed.what, changed.who, changed.user_id) == ("taken", "Kofi", kofi.pk)
        assert changed.at == AuditEvent.objects.get(action="escalation.claimed").at


@pytest.mark.parametrize(("field", "change"), [("text", {"text": " \n"}), ("then", {"then": "maybe"})])
def test_bad_input_is_refused_by_field(escalation, ama, field, change):
    with pytest.raises(InvalidInput) as caught:
        hold(escalation, ama, **change)
    assert caught.value.param == field


def test_without_seconds_to_undo_it_goes_out_at_once(escalation, ama, settings):
    settings.REPLY_UNDO_S = 0
    hold(escalation, ama)
    assert sent(escalation) == ["My answer."]
