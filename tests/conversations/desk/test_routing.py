"""Whose work a new escalation is."""

import pytest
from django.contrib.auth import get_user_model

from conversations.desk.services import consultant_leave, consultant_return, leavings_sweep
from conversations.errors import EscalationNotFound
from conversations.escalations.services import (
    escalation_claim,
    escalation_hold_reply,
    escalation_release,
    escalation_reply,
    escalations_assign,
)
from conversations.models import Consultant, Conversation, Escalation, HeldReply, Team, WorkQueue
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.desk.people import case_make, customer_writes, newest, staff_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team():
    return Team.objects.create(name="Money")


@pytest.fixture
def balanced(team):
    return WorkQueue.objects.create(key="billing", title="Billing", team=team, routing="balanced")


@pytest.fixture
def lead():
    return get_user_model().objects.create_user("lead", first_name="Lena", is_staff=True)


def assignee_of(escalation):
    return Escalation.objects.get(pk=escalation.pk).assignee


class TestQueues:
    def test_without_a_row_the_category_is_the_queue(self):
        assert case_make(category="orders").queue == "orders"

    def test_a_queue_takes_its_own_category_and_those_it_names(self):
        WorkQueue.objects.create(key="money", title="Money", categories=["billing", "returns"])
        assert case_make(1, category="returns").queue == "money"
        WorkQueue.objects.create(key="returns", title="Returns")
        assert case_make(2, category="returns").queue == "returns"

    def test_what_has_no_category_is_general(self):
        assert case_make(category="").queue == "general"


class TestBalanced:
    def test_a_manual_queue_waits_for_somebody_to_take_it(self, team):
        WorkQueue.objects.create(key="billing", title="Billing", team=team)
        staff_make("ama", team=team)
        escalation = case_make()
        assert (escalation.state, escalation.assignee) == ("open", None)

    def test_it_goes_to_who_has_the_least_to_do(self, team, balanced):
        ama, kofi = staff_make("ama", team=team), staff_make("kofi", team=team)
        owners = [case_make(number).assignee for number in range(4)]
        assert sorted(owner.username for owner in owners) == ["ama", "ama", "kofi", "kofi"]
        assert {owners[0], owners[1]} == {ama, kofi}

    def test_the_customer_is_told_of_a_person_only_when_one_is_there(self, team, balanced):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        assert escalation.conversation.taken_over_by is None
        assert escalation.conversation.messages.filter(author="system").exists()
        escalation_claim(escalation=escalation, user=ama)
        assert Conversation.objects.get().taken_over_by == ama

    @pytest.mark.parametrize(
        "unfit", [{"skills": ("orders", "en")}, {"skills": ("billing", "de")}, {"is_away": True}, {"capacity": 0}]
    )
    def test_nobody_gets_what_they_cannot_take(self, team, balanced, unfit):
        staff_make("ama", team=team, **unfit)
        assert (case_make().assignee, Escalation.objects.get().queue) == (None, "billing")

    def test_who_names_no_category_takes_every_one_and_the_same_for_languages(self, team, balanced):
        staff_make("ama", team=team, skills=("de",))
        kofi = staff_make("kofi", team=team, skills=("billing",))
        assert case_make(language="fr").assignee == kofi

    def test_a_queue_may_want_more(self, team, balanced):
        WorkQueue.objects.update(skills=["mortgage"])
        staff_make("ama", team=team)
        kofi = staff_make("kofi", team=team, skills=("billing", "mortgage"))
        assert case_make().assignee == kofi

    def test_other_teams_and_those_who_may_not_sign_in_get_nothing(self, team, balanced):
        staff_make("stranger")
        gone = staff_make("gone", team=team)
        get_user_model().objects.filter(pk=gone.pk).update(is_active=False)
        assert case_make().assignee is None

    def test_beyond_capacity_it_waits_in_the_queue(self, team, balanced):
        staff_make("ama", team=team, capacity=2)
        states = [case_make(number).state for number in range(3)]
        assert states == ["assigned", "assigned", "open"]

    def test_what_waits_for_the_customer_is_no_load(self, team, balanced):
        ama = staff_make("ama", team=team, capacity=1)
        first = case_make(1)
        escalation_reply(escalation=first, user=ama, text="Which?", known_seq=newest(first), then="waiting")
        assert case_make(2).assignee == ama


class TestLeaving:
    def test_open_work_goes_to_colleagues_and_the_rest_back_to_the_queue(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        mine = [case_make(number) for number in range(3)]
        kofi = staff_make("kofi", team=team, capacity=2)
        assert consultant_leave(user=ama, actor=lead) == 3
        owners = [assignee_of(escalation) for escalation in mine]
        assert sorted(owner.username if owner else "" for owner in owners) == ["", "kofi", "kofi"]
        assert case_make(9).assignee in (None, kofi)
        left = Escalation.objects.get(state="open", pk__in=[one.pk for one in mine])
        assert left.queue == "billing"
        event = AuditEvent.objects.filter(action="escalation.handed_over").first()
        assert event.actor == f"user:{lead.pk}"

    def test_a_second_time_changes_nothing(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        case_make()
        assert [consultant_leave(user=ama, actor=lead) for _ in range(2)] == [1, 0]
        assert Consultant.objects.get(user=ama).leaving_since is None

    def test_what_waits_for_the_customer_is_routed_when_they_write(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
        kofi = staff_make("kofi", team=team)
        assert consultant_leave(user=ama, actor=lead) == 0
        assert assignee_of(escalation) == ama
        customer_writes(escalation)
        assert assignee_of(escalation) == kofi

    def test_without_a_colleague_it_is_open_in_its_queue(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
        consultant_leave(user=ama, actor=lead)
        customer_writes(escalation)
        escalation.refresh_from_db()
        assert (escalation.state, escalation.assignee, escalation.queue) == ("open", None, "billing")

    def test_a_reply_that_was_about_to_go_out_is_kept_as_a_draft(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        escalation_hold_reply(escalation=escalation, user=ama, text="My words", known_seq=newest(escalation))
        consultant_leave(user=ama, actor=lead)
        held = HeldReply.objects.get()
        assert (held.state, held.text, held.reason) == ("stopped", "My words", "Ama has left before it was sent.")

    def test_what_a_process_that_died_has_left_is_handed_over_by_the_sweep(self, team, balanced, lead, monkeypatch):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        with monkeypatch.context() as patched:
            patched.setattr("conversations.desk.services._hand_over_all", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                consultant_leave(user=ama, actor=lead)
        assert assignee_of(escalation) == ama
        assert leavings_sweep() == 1
        assert assignee_of(escalation) is None
        assert leavings_sweep() == 0

    def test_who_is_set_away_in_a_form_hands_over_too(self, team, balanced):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        ama.consultant.is_away = True
        ama.consultant.save()
        ama.consultant.save()
        assert (leavings_sweep(), leavings_sweep()) == (1, 0)
        assert assignee_of(escalation) is None

    def test_whose_account_is_closed_keeps_nothing(self, team, balanced):
        ama = staff_make("ama", team=team)
        escalation = case_make()
        get_user_model().objects.filter(pk=ama.pk).update(is_active=False)
        leavings_sweep()
        assert assignee_of(escalation) is None

    def test_who_is_back_gets_work_again(self, team, balanced, lead):
        ama = staff_make("ama", team=team)
        consultant_leave(user=ama, actor=lead)
        assert case_make(1).assignee is None
        consultant_return(user=ama, actor=ama)
        assert case_make(2).assignee == ama


class TestAssigning:
    def test_a_lead_gives_many_to_one(self, lead, told):
        ama = staff_make("ama")
        cases = [case_make(number) for number in range(3)]
        told.clear()
        assert escalations_assign(escalation_ids=[one.pk for one in cases], assignee=ama, actor=lead) == 3
        assert set(Escalation.objects.values_list("state", "assignee")) == {("assigned", ama.pk)}
        assert [payload["kind"] for _, payload in told] == ["assigned"] * 3
        event = AuditEvent.objects.filter(action="escalation.assigned").first()
        assert (event.actor, event.details) == (f"user:{lead.pk}", {"assignee_id": ama.pk})

    def test_what_is_theirs_or_over_is_not_counted(self, lead):
        ama = staff_make("ama")
        mine, over = case_make(1), case_make(2)
        escalation_claim(escalation=mine, user=ama)
        escalation_reply(escalation=over, user=lead, text="Done.", known_seq=newest(over))
        assert escalations_assign(escalation_ids=[mine.pk, over.pk], assignee=ama, actor=lead) == 0

    def test_nobody_who_is_away_is_given_work(self, lead):
        away = staff_make("ama", is_away=True)
        with pytest.raises(InvalidInput) as caught:
            escalations_assign(escalation_ids=[case_make().pk], assignee=away, actor=lead)
        assert caught.value.param == "assignee"

    def test_an_unknown_one_is_refused_and_nothing_done(self, lead):
        ama, escalation = staff_make("ama"), case_make()
        with pytest.raises(EscalationNotFound):
            escalations_assign(escalation_ids=[escalation.pk, "esc_nope"], assignee=ama, actor=lead)
        assert assignee_of(escalation) is None

    def test_given_back_it_is_anybodys(self, lead):
        ama, escalation = staff_make("ama"), case_make()
        escalation_claim(escalation=escalation, user=ama)
        escalation_release(escalation=escalation, user=ama)
        escalation.refresh_from_db()
        conversation = Conversation.objects.get()
        assert (escalation.state, escalation.assignee) == ("open", None)
        assert (conversation.status, conversation.taken_over_by) == ("with_consultant", None)
