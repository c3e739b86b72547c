"""The next case, for several people at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conversations.escalations.services import escalation_claim_next, escalation_snooze
from conversations.models import Conversation, Escalation, Team, WorkQueue
from tests.conversations.desk.people import case_make, staff_make

pytestmark = pytest.mark.django_db(transaction=True)


def due(escalation, minutes, **fields):
    moment = timezone.now() + timedelta(minutes=minutes)
    Escalation.objects.filter(pk=escalation.pk).update(due_at=moment, **fields)
    return escalation


def test_it_is_the_nearest_due_then_the_most_urgent_then_the_oldest():
    later, first = due(case_make(1), 30), due(case_make(2), 10)
    same = Escalation.objects.get(pk=later.pk).due_at
    urgent = case_make(3)
    Escalation.objects.filter(pk=urgent.pk).update(due_at=same, priority=1)
    ama = staff_make("ama")
    claimed = [escalation_claim_next(user=ama) for _ in range(4)]
    assert claimed == [first, urgent, later, None]
    assert set(Escalation.objects.values_list("state", "assignee")) == {("assigned", ama.pk)}
    assert Conversation.objects.filter(taken_over_by=ama).count() == 3


def test_many_at_the_same_moment_get_different_ones():
    for number in range(6):
        case_make(number)
    people = [staff_make(f"user{number}") for number in range(8)]
    barrier = Barrier(len(people))

    def claim(user):
        barrier.wait()
        try:
            return escalation_claim_next(user=user)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        claimed = [found.pk for found in pool.map(claim, people) if found]
    assert len(claimed) == len(set(claimed)), "nobody got what another has"
    assert Escalation.objects.filter(state="assigned").count() == len(claimed) >= 1
    while rest := escalation_claim_next(user=people[0]):
        claimed.append(rest.pk)
    assert len(set(claimed)) == 6, "and nothing is lost"


def test_one_that_somebody_has_in_hand_is_passed_over():
    first, second = due(case_make(1), 1), due(case_make(2), 2)
    ama = staff_make("ama")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Conversation.objects.select_for_update().get(pk=first.conversation_id)

        def claim():
            try:
                return escalation_claim_next(user=ama)
            finally:
                connection.close()

        assert pool.submit(claim).result(timeout=20) == second


def test_what_is_put_aside_is_not_offered():
    escalation, ama = case_make(), staff_make("ama")
    escalation_snooze(escalation=escalation, user=ama, until=timezone.now() + timedelta(hours=1))
    assert escalation_claim_next(user=ama) is None


def test_of_other_teams_queues_nothing_is_offered():
    money, post = Team.objects.create(name="Money"), Team.objects.create(name="Post")
    WorkQueue.objects.create(key="billing", title="Billing", team=money)
    case_make(1, category="billing")
    free = case_make(2, category="orders")
    kofi = staff_make("kofi", team=post)
    assert [escalation_claim_next(user=kofi) for _ in range(2)] == [free, None]


def test_who_is_in_no_team_takes_from_every_queue():
    WorkQueue.objects.create(key="billing", title="Billing", team=Team.objects.create(name="Money"))
    assert escalation_claim_next(user=staff_make("ama")) is None
    escalation = case_make()
    assert escalation_claim_next(user=staff_make("kofi")) == escalation


def test_their_own_categories_come_first_and_no_language_they_do_not_speak():
    foreign = due(case_make(1, language="de"), 1)
    other = due(case_make(2, category="orders"), 2)
    own = due(case_make(3, category="billing"), 3)
    ama = staff_make("ama", skills=("billing", "en"))
    assert [escalation_claim_next(user=ama) for _ in range(3)] == [own, other, None]
    assert escalation_claim_next(user=staff_make("greta", skills=("de",))) == foreign
