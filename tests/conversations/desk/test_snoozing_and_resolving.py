"""Put aside, and settled."""

from datetime import timedelta

import pytest
from django.core import mail

from conversations.errors import CustomerWroteAgain, EscalationOver, EscalationTaken
from conversations.escalations.services import (
    escalation_claim,
    escalation_reply,
    escalation_resolve,
    escalation_snooze,
    escalation_unsnooze,
    escalations_wake,
)
from conversations.models import Conversation, Escalation
from conversations.tasks import desk_sweep
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.desk.people import case_make, customer_writes, newest, staff_make
from tests.conversations.people import query_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ama():
    return staff_make("ama")


@pytest.fixture
def escalation(clock):
    return case_make()


class TestSnoozing:
    def test_it_wakes_by_itself(self, escalation, ama, clock, told):
        until = clock.moment + timedelta(hours=2)
        escalation_snooze(escalation=escalation, user=ama, until=until)
        assert Escalation.objects.get().snoozed_until == until
        clock.forward(hours=1)
        assert escalations_wake() == 0
        clock.forward(hours=1)
        desk_sweep()
        assert Escalation.objects.get().snoozed_until is None
        assert [payload["kind"] for _, payload in told][-2:] == ["snoozed", "woken"]
        assert AuditEvent.objects.get(action="escalation.woken").actor == "system:worker"

    def test_it_wakes_at_once_when_the_customer_writes(self, escalation, ama, clock):
        escalation_snooze(escalation=escalation, user=ama, until=clock.moment + timedelta(hours=2))
        customer_writes(escalation)
        assert Escalation.objects.get().snoozed_until is None

    def test_its_clocks_run_on(self, escalation, ama, clock):
        due = escalation.due_at
        escalation_snooze(escalation=escalation, user=ama, until=clock.moment + timedelta(hours=2))
        clock.forward(hours=2)
        escalations_wake()
        assert Escalation.objects.get().due_at == due

    def test_who_put_it_aside_may_have_it_back(self, escalation, ama, clock):
        escalation_snooze(escalation=escalation, user=ama, until=clock.moment + timedelta(hours=2))
        escalation_unsnooze(escalation=escalation, user=ama)
        escalation_unsnooze(escalation=escalation, user=ama)
        assert Escalation.objects.get().snoozed_until is None
        assert AuditEvent.objects.filter(action="escalation.woken").count() == 1

    @pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1), timedelta(days=91)])
    def test_only_until_a_moment_that_comes(self, escalation, ama, clock, length):
        with pytest.raises(InvalidInput) as caught:
            escalation_snooze(escalation=escalation, user=ama, until=clock.moment + length)
        assert caught.value.param == "until"

    def test_a_colleagues_is_left_alone(self, escalation, ama, clock):
        escalation_claim(escalation=escalation, user=staff_make("kofi"))
        with pytest.raises(EscalationTaken):
            escalation_snooze(escalation=escalation, user=ama, until=clock.moment + timedelta(hours=1))


class TestResolving:
    @pytest.mark.parametrize("resolution", ["solved", "duplicate", "no_reply_needed", "spam", "customer_gone"])
    def test_without_a_reply(self, escalation, ama, clock, resolution):
        mail.outbox.clear()
        escalation_resolve(escalation=escalation, user=ama, resolution=resolution, note="See CQ-1.")
        escalation = Escalation.objects.get()
        assert (escalation.state, escalation.resolution, escalation.resolution_note) == (
            "closed",
            resolution,
            "See CQ-1.",
        )
        assert (escalation.closed_at, escalation.assignee) == (clock(), ama)
        assert Conversation.objects.get().status == "resolved"
        assert Conversation.objects.get().messages.get(direction="note").text == "See CQ-1."
        assert mail.outbox == []
        assert AuditEvent.objects.get(action="escalation.resolved").details == {"resolution": resolution}

    def test_after_a_reply_it_was_answered(self, escalation, ama, clock):
        escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
        clock.forward(days=14)
        escalation_resolve(escalation=escalation, user=ama, resolution="customer_gone")
        escalation.refresh_from_db()
        assert (escalation.state, escalation.waiting_since) == ("answered", None)
        assert escalation.waited_s == 14 * 24 * 3600

    def test_what_the_customer_writes_later_opens_the_conversation_again_for_the_agent(self, escalation, ama, model):
        escalation_resolve(escalation=escalation, user=ama, resolution="solved")
        model.says = "thanks"
        accepted = customer_writes(escalation, "Thank you!")
        accepted.query.refresh_from_db()
        assert accepted.query.reply.author == "assistant"
        assert Conversation.objects.get().status == "open"

    def test_what_was_seen_and_needs_no_reply_ends_with_it(self, escalation, ama):
        seen = query_make(escalation.conversation, "Thanks, it works now!")
        escalation_resolve(escalation=escalation, user=ama, resolution="solved", known_seq=newest(escalation))
        seen.refresh_from_db()
        assert (seen.status, Conversation.objects.get().status) == ("ignored", "resolved")

    def test_what_was_not_seen_is_not_swept_away(self, escalation, ama):
        known = newest(escalation)
        query_make(escalation.conversation, "Wait, one more thing!")
        with pytest.raises(CustomerWroteAgain):
            escalation_resolve(escalation=escalation, user=ama, resolution="solved", known_seq=known)
        assert Escalation.objects.get().state == "open"

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("resolution", {"resolution": "whatever"}),
            ("note", {"resolution": "other"}),
            ("note", {"resolution": "solved", "note": "x" * 2001}),
        ],
    )
    def test_bad_input_is_refused_by_field(self, escalation, ama, field, change):
        with pytest.raises(InvalidInput) as caught:
            escalation_resolve(escalation=escalation, user=ama, **change)
        assert caught.value.param == field

    def test_twice_is_once(self, escalation, ama):
        escalation_resolve(escalation=escalation, user=ama, resolution="solved")
        with pytest.raises(EscalationOver):
            escalation_resolve(escalation=escalation, user=ama, resolution="spam")
