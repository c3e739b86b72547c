"""What consultants do to cases from the queue: one or many, with a form or by a key."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.escalations.services import escalation_claim, escalation_hold_reply
from conversations.models import Consultant, Escalation, HeldReply
from omnicqm.console.queue.acting import MOST
from omnicqm.console.queue.addresses import queue_address
from omnicqm.console.snoozing import SNOOZES
from tests.console.people import admin_make, consultant_make
from tests.console.queue.cases import case_make
from tests.conversations.desk.people import newest

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


@pytest.fixture
def lead(robin):
    """Robin may hand work out."""
    robin.user_permissions.add(Permission.objects.get(codename="assign_escalation"))
    return robin


def act(client, cases, *, script=False, query="?tab=all&language=en", **fields):
    headers = {"accept": "application/json"} if script else {}
    data = {"e": [case.pk for case in cases], **fields}
    return client.post(f"{reverse('queue:act')}{query}", data, headers=headers)


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_several_are_assigned_at_once_and_the_page_comes_back_as_it_was(client, lead):
    boss = admin_make()
    cases = [case_make("a"), case_make("b")]
    response = act(client, cases, do="assign", assignee=str(boss.pk))
    assert response.url == queue_address("all", language="en")
    assert told(response) == ["2 cases assigned to Alex Morgan."]
    assert set(Escalation.objects.values_list("state", "assignee")) == {("assigned", boss.pk)}


def test_a_lead_who_is_away_may_still_take_what_they_like(client, lead):
    Consultant.objects.create(user=lead, is_away=True)
    case = case_make("a")
    assert told(act(client, [case], do="assign", assignee="me")) == ["1 case assigned to you."]
    case.refresh_from_db()
    assert case.assignee == lead


def test_a_key_assigns_to_me_and_is_told_in_json(client, robin):
    case = case_make()
    done = act(client, [case], script=True, do="assign", assignee="me").json()
    assert done == {"count": 1, "told": "1 case assigned to you.", "refused": []}
    again = act(client, [case], script=True, do="assign", assignee="me").json()
    assert again["count"] == 0
    assert again["refused"] == [f"{case.conversation.reference}: It is yours already."]


@pytest.mark.parametrize("script", [True, False], ids=["by key", "by form"])
def test_what_a_colleague_has_is_not_taken_from_the_list(client, robin, script):
    boss = admin_make()
    free, theirs, over = case_make("a"), case_make("b"), case_make("c")
    escalation_hold_reply(escalation=theirs, user=boss, text="On its way.", known_seq=newest(theirs))
    Escalation.objects.filter(pk=over.pk).update(state="closed", closed_at=timezone.now())

    response = act(client, [free, theirs, over], script=script, do="assign", assignee="me")

    done, *refused = told(response) if not script else [response.json()["told"], *response.json()["refused"]]
    assert done == "1 case assigned to you."
    assert sorted(refused) == sorted(
        [
            f"{theirs.conversation.reference}: Alex Morgan has it. Open it and take it over there.",
            f"{over.conversation.reference}: This has been answered or closed already.",
        ]
    )
    theirs.refresh_from_db()
    assert (theirs.assignee, HeldReply.objects.get().state) == (boss, "held")
    assert Escalation.objects.get(assignee=robin) == free


def test_who_hands_work_out_may_take_it_from_a_colleague(client, lead):
    case = case_make()
    escalation_claim(escalation=case, user=admin_make())
    done = act(client, [case], script=True, do="assign", assignee="me").json()
    assert (done["count"], Escalation.objects.get().assignee) == (1, lead)
    assert act(client, [case], script=True, do="assign", assignee="me").json()["refused"] == [
        "1 case had ended meanwhile or was theirs already."
    ]


def test_who_cannot_answer_is_given_nothing(client, lead):
    case = case_make()
    nobody = consultant_make("sam")
    nobody.groups.clear()
    response = act(client, [case], script=True, do="assign", assignee=str(nobody.pk))
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    case.refresh_from_db()
    assert case.assignee is None


def test_who_is_no_lead_gives_cases_to_nobody_but_themselves(client, robin):
    boss, case = admin_make(), case_make()
    response = act(client, [case], script=True, do="assign", assignee=str(boss.pk))
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
    assert "Alex Morgan" not in client.get(queue_address()).content.decode()
    robin.user_permissions.add(Permission.objects.get(codename="assign_escalation"))
    assert "to Alex Morgan" in client.get(queue_address()).content.decode()


def test_what_is_mine_can_be_given_back_and_what_is_not_is_named(client, lead):
    mine, theirs = case_make("a"), case_make("b")
    act(client, [mine], do="assign", assignee="me")
    act(client, [theirs], do="assign", assignee=str(admin_make().pk))
    response = act(client, [mine, theirs], script=True, do="release").json()
    assert response["told"] == "1 case released."
    assert theirs.conversation.reference in response["refused"][0]
    mine.refresh_from_db()
    assert (mine.state, mine.assignee) == ("open", None)


@pytest.mark.parametrize("until", SNOOZES)
def test_cases_rest_until_a_moment_and_can_be_woken(client, robin, until):
    case = case_make()
    response = act(client, [case], do="snooze", until=until)
    assert "1 case snoozed until" in told(response)[0]
    case.refresh_from_db()
    assert timezone.now() < case.snoozed_until <= timezone.now() + timedelta(days=8)
    act(client, [case], do="unsnooze")
    case.refresh_from_db()
    assert case.snoozed_until is None


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"do": "assign", "e": []}, "Tick"),
        ({"do": "assign", "e": ["esc_1'--"]}, "ids"),
        ({"do": "assign", "e": [f"esc_{number:026}" for number in range(MOST + 1)]}, str(MOST)),
        ({"do": "burn"}, "Choose what to do"),
        ({}, "Choose what to do"),
        ({"do": "assign"}, "whom"),
        ({"do": "assign", "assignee": "everyone"}, "whom"),
        ({"do": "snooze"}, "until when"),
        ({"do": "snooze", "until": "2020-01-01T10:00"}, "90 days"),
        ({"do": "snooze", "until": "2026-99-99T10:00"}, "until when"),
        ({"do": "snooze", "until": "9999-12-31T23:59"}, "90 days"),
    ],
    ids=str,
)
def test_a_form_that_cannot_be_meant_is_told_what_to_do(client, lead, fields, param):
    case = case_make()
    response = client.post(reverse("queue:act"), {"e": [case.pk], **fields}, headers={"accept": "application/json"})
    assert response.status_code == 400
    assert param in response.json()["detail"]
    page = client.post(reverse("queue:act"), {"e": [case.pk], **fields})
    assert page.status_code == 302
    assert param in told(page)[0]
    case.refresh_from_db()
    assert (case.assignee, case.snoozed_until) == (None, None)


def test_nobody_else_s_page_can_press_the_buttons(robin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(robin)
    for name in ("act", "next"):
        assert strict.post(reverse(f"queue:{name}")).status_code == 403


def test_next_claims_the_most_urgent_of_nobody_and_opens_it(client, lead):
    case_make("later", minutes=300)
    urgent = case_make("urgent", minutes=5)
    theirs = case_make("theirs", minutes=1)
    act(client, [theirs], do="assign", assignee=str(admin_make().pk))
    response = client.post(reverse("queue:next"))
    assert response.url == reverse("admin:conversations_escalation_change", args=[urgent.pk])
    urgent.refresh_from_db()
    assert urgent.assignee == lead


def test_with_nothing_left_next_says_so_where_it_was_pressed(client, robin):
    response = client.post(reverse("queue:next"), {"back": "home"})
    assert response.url == reverse("admin:index")
    assert told(response) == ["Nothing waits for you at the moment."]
    assert client.post(f"{reverse('queue:next')}?tab=mine").url == queue_address("mine")
    assert client.get(reverse("queue:next")).status_code == 405
