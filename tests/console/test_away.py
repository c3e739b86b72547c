"""A consultant goes away and comes back by themselves."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from conversations.escalations.services import escalation_claim, escalation_hold_reply
from conversations.models import Consultant, Escalation, HeldReply, WorkQueue
from omnicqm.common.models import AuditEvent
from tests.console.people import consultant_make, escalation_make
from tests.console.queue.cases import case_make
from tests.conversations.desk.people import case_make as case_come
from tests.conversations.desk.people import newest

pytestmark = pytest.mark.django_db

PAGE = "/admin/away/"


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def shown(client, url=PAGE):
    return " ".join(client.get(url).content.decode().split())


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def waiting_make(user):
    case = case_make("waits")
    now = timezone.now()
    reply = case.query.message
    Escalation.objects.filter(pk=case.pk).update(state="waiting", assignee=user, waiting_since=now, reply=reply)


def test_it_asks_first_with_how_much_would_go_to_others(client, robin):
    for name in ("a", "b"):
        case_make(name, state="assigned", assignee=robin)
    held = case_make("c")
    escalation_hold_reply(escalation=held, user=robin, text="On its way.", known_seq=newest(held))
    waiting_make(robin)
    text = shown(client)
    assert "<strong>3 open cases</strong> of yours go to colleagues" in text
    assert "1 reply that is about to go out is not sent and stays as a draft." in text
    assert "1 that waits for the customer stays yours until the customer writes." in text
    assert "I am away: hand over 3" in text
    assert Escalation.objects.filter(assignee=robin, state="assigned").count() == 3
    assert not Consultant.objects.exists()


def test_with_nothing_open_it_says_so(client, robin):
    assert "You have no open case to hand over." in shown(client)


def test_who_goes_away_hands_over_and_gets_nothing_until_they_are_back(client, robin):
    Consultant.objects.create(user=robin)
    WorkQueue.objects.create(key="billing", title="Billing", routing="balanced")
    mine = case_come(1)
    assert mine.assignee == robin

    response = client.post(PAGE, {"do": "leave"})

    assert response.url == reverse("admin:index")
    assert told(response) == ["You are away. 1 open case handed over."]
    mine.refresh_from_db()
    assert (mine.state, mine.assignee, case_come(2).assignee) == ("open", None, None)
    assert AuditEvent.objects.get(action="consultant.left").actor == f"user:{robin.pk}"
    assert "You are away." in shown(client, reverse("admin:index"))
    assert "I am back" in shown(client)

    assert told(client.post(PAGE, {"do": "return"}))[-1] == "You are back."
    assert case_come(3).assignee == robin
    assert "You are away." not in shown(client, reverse("admin:index"))


def test_a_reply_that_was_about_to_go_out_is_a_draft_again(client, robin):
    case = escalation_make()
    escalation_hold_reply(escalation=case, user=robin, text="My words", known_seq=newest(case))
    client.post(PAGE, {"do": "leave"})
    assert (HeldReply.objects.get().state, HeldReply.objects.get().text) == ("stopped", "My words")


def test_whom_routing_does_not_know_it_gives_nothing_when_they_are_back_either(client, robin):
    WorkQueue.objects.create(key="billing", title="Billing", routing="balanced")
    escalation_claim(escalation=case_come(1), user=robin)
    for do, moved in (("leave", 1), ("leave", 0), ("return", None), ("return", None)):
        last = told(client.post(PAGE, {"do": do}))[-1]
        assert moved is None or f"{moved} open case" in last
    assert (Consultant.objects.get().is_away, case_come(2).assignee) == (False, None)


def test_a_form_that_says_neither_changes_nothing(client, robin):
    response = client.post(PAGE, {"do": "vanish"})
    assert response.url == PAGE
    assert told(response) == ["Choose whether you go away or are back."]
    assert not Consultant.objects.exists()


def test_it_is_found_on_home_and_below_the_name_by_who_works_on_cases(client, robin):
    home = shown(client, reverse("admin:index"))
    assert home.count(f'href="{PAGE}"') == 2
    robin.groups.clear()
    assert PAGE not in shown(client, reverse("admin:index"))
    assert client.get(PAGE).status_code == 403
