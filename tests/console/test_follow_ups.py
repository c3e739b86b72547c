"""Follow-up tasks in the console: who sees them, takes them, moves and closes them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations.follow_ups.services import follow_up_close, follow_up_open
from conversations.models import FollowUp
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.conversations.people import conversation_make, customer_make

pytestmark = pytest.mark.django_db
LIST = reverse("admin:conversations_followup_changelist")


@pytest.fixture
def conversation():
    return conversation_make(customer_make(display_name="Priya Raman", service_level="premium"))


@pytest.fixture
def promise(conversation):
    def promise(what: str = "Call about the refund.", *, days: int = 2) -> FollowUp:
        due_on = timezone.localdate() + timedelta(days=days)
        return follow_up_open(conversation=conversation, what=what, due_on=due_on, key=what)

    return promise


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def page(task: FollowUp) -> str:
    return reverse("admin:conversations_followup_change", args=[task.pk])


def form(task: FollowUp, **changes: str) -> dict[str, str]:
    return {"due_on": task.due_on.isoformat(), "wanted": task.state, "outcome": "", **changes}


def listed(client, **query: str) -> list[str]:
    return [task.what for task in client.get(LIST, query).context["cl"].queryset]


def test_what_is_due_first_is_on_top_and_what_is_done_is_gone(client, robin, promise):
    promise("Later.", days=5)
    promise("Overdue.", days=-1)
    FollowUp.objects.filter(pk=promise("Done.").pk).update(state="done", closed_at=timezone.now())
    assert listed(client) == ["Overdue.", "Later."]
    assert listed(client, work="due") == ["Overdue."]
    assert listed(client, work="done") == ["Done."]
    shown = client.get(LIST).content.decode()
    assert "overdue by 1 day" in shown
    assert "Priya Raman" in shown


def test_a_consultant_takes_a_task_and_marks_it_as_done(client, robin, promise):
    task = promise()
    for action in ("take", "mark_done"):
        client.post(LIST, {"action": action, "_selected_action": [task.pk]})
    task.refresh_from_db()
    assert (task.assignee, task.state) == (robin, "done")
    assert task.closed_at is not None
    events = AuditEvent.objects.filter(object_id=task.pk).order_by("at")
    assert [(event.action, event.actor) for event in events] == [
        ("follow_up.opened", "system:worker"),
        ("follow_up.taken", f"user:{robin.pk}"),
        ("follow_up.done", f"user:{robin.pk}"),
    ]


def test_what_is_closed_is_not_closed_again(client, robin, promise):
    task = promise()
    for _ in range(2):
        response = client.post(f"{LIST}?work=all", {"action": "mark_done", "_selected_action": [task.pk]}, follow=True)
    assert "was closed before" in response.content.decode()
    assert AuditEvent.objects.filter(action="follow_up.done").count() == 1


def test_a_task_is_moved_and_closed_with_what_came_of_it_on_its_page(client, robin, promise):
    task = promise()
    tomorrow = timezone.localdate() + timedelta(days=1)
    changes = form(task, due_on=tomorrow.isoformat(), wanted="cancelled", outcome="She had it already.")
    assert client.post(page(task), changes).status_code == 302
    task.refresh_from_db()
    assert (task.due_on, task.state, task.outcome) == (tomorrow, "cancelled", "She had it already.")
    assert AuditEvent.objects.filter(action="follow_up.cancelled", object_id=task.pk).exists()


def test_a_task_closed_by_mistake_is_opened_again(client, robin, promise):
    task = promise()
    for wanted in ("done", "open"):
        client.post(page(task), form(task, wanted=wanted))
    task.refresh_from_db()
    assert (task.state, task.closed_at) == ("open", None)


def test_the_promise_itself_stays_as_it_was_said(client, robin, promise):
    task = promise()
    assert task.conversation.reference in client.get(page(task)).content.decode()
    client.post(page(task), form(task, what="Nothing was promised."))
    task.refresh_from_db()
    assert task.what == "Call about the refund."


def test_nobody_adds_or_deletes_promises(client, promise):
    client.force_login(admin_make())
    assert client.get(reverse("admin:conversations_followup_add")).status_code == 403
    assert client.post(reverse("admin:conversations_followup_delete", args=[promise().pk])).status_code == 403


def test_staff_without_the_right_sees_none(client, django_user_model, promise):
    client.force_login(django_user_model.objects.create_user("ida", is_staff=True))
    assert client.get(LIST).status_code == 403
    assert client.get(page(promise())).status_code == 403


def test_the_home_page_counts_what_is_due(client, robin, promise):
    promise("Today.", days=0)
    promise("Tomorrow.", days=1)
    tiles = client.get(reverse("admin:index")).context["other_tiles"]
    [tile] = [tile for tile in tiles if tile.title == "Follow-ups due"]
    assert tile.value == 1
    assert len(client.get(tile.url).context["cl"].queryset) == 1


def test_whoever_reads_the_conversation_sees_what_was_promised_and_is_not_done(client, robin, conversation, promise):
    promise("Call about the refund.")
    follow_up_close(task=promise("Send the screws."), user=robin, state=FollowUp.State.DONE)
    shown = client.get(reverse("admin:conversations_conversation_change", args=[conversation.pk])).content.decode()
    assert "Call about the refund." in shown
    assert "due in 2 days" in shown
    assert "Send the screws." not in shown


def test_whoever_answers_an_escalation_sees_it_too(client, robin):
    escalation = escalation_make()
    key, due_on = "promise", timezone.localdate()
    follow_up_open(conversation=escalation.conversation, what="Call before noon.", due_on=due_on, key=key)
    shown = client.get(reverse("admin:conversations_escalation_change", args=[escalation.pk])).content.decode()
    assert "Call before noon." in shown
    assert "due today" in shown
