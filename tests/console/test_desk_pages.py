"""How people's work is organised: pages of teams, queues, hours, targets, macros and guides."""

import pytest
from django.urls import reverse

from agents.models import Category
from conversations.models import BusinessHours, Consultant, Guide, Macro, ServiceTarget, Team, WorkQueue
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make

pytestmark = pytest.mark.django_db

NO_ROWS = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def boss(client):
    user = admin_make()
    client.force_login(user)
    Category.objects.create(key="delivery", title="Delivery")
    return user


def add(client, model, **form):
    answer = client.post(reverse(f"admin:conversations_{model}_add"), form)
    assert answer.status_code == 302, answer.context["adminform"].errors
    return answer


def errors(client, model, **form):
    answer = client.post(reverse(f"admin:conversations_{model}_add"), form)
    return {field: " ".join(told) for field, told in answer.context["adminform"].errors.items()}


def guide_form(title, *steps, category="delivery"):
    form = {"category": category, "title": title, "steps-TOTAL_FORMS": str(len(steps)), "steps-INITIAL_FORMS": "0"}
    for index, (position, text) in enumerate(steps):
        form |= {f"steps-{index}-position": str(position), f"steps-{index}-text": text, f"steps-{index}-detail": ""}
    return form


def test_a_team_with_its_members(client):
    robin = consultant_make()
    rows = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-user": str(robin.pk), "0-capacity": "5"}
    add(client, "team", name="Delivery", **{f"consultants-{name}": value for name, value in rows.items()})
    assert Team.objects.get().consultants.get().user == robin


def test_skills_are_written_with_commas(client):
    robin = consultant_make()
    add(client, "consultant", user=str(robin.pk), skills="delivery, en", capacity="4")
    consultant = Consultant.objects.get()
    assert consultant.skills == ["delivery", "en"]
    page = client.get(reverse("admin:conversations_consultant_change", args=[consultant.pk])).content.decode()
    assert 'value="delivery, en"' in page
    assert "skills" in errors(client, "consultant", user=str(robin.pk), skills="No Such Thing!", capacity="4")


def test_who_goes_away_is_away_and_comes_back(client):
    consultant = Consultant.objects.create(user=consultant_make())
    page = reverse("admin:conversations_consultant_changelist")
    for action, away in (("send_away", True), ("bring_back", False)):
        client.post(page, {"action": action, "_selected_action": [consultant.pk]})
        consultant.refresh_from_db()
        assert consultant.is_away is away


def test_a_queue_takes_categories(client):
    add(client, "workqueue", key="delivery", title="Delivery", categories="returns", skills="", routing="manual")
    assert WorkQueue.objects.get().categories == ["returns"]


def test_hours_that_cannot_be_read_are_told_at_their_field(client):
    assert "monday" in errors(client, "businesshours", name="Berlin", time_zone="Europe/Berlin", monday="9 to 5")
    add(client, "businesshours", name="Berlin", time_zone="Europe/Berlin", monday="09:00-17:00")
    assert BusinessHours.objects.get().monday == "09:00-17:00"


def test_a_target_names_a_category_that_exists_or_every_one(client):
    minutes = {"first_minutes": "60", "next_minutes": "60"}
    add(client, "servicetarget", category="", **minutes)
    add(client, "servicetarget", category="delivery", **minutes)
    assert "category" in errors(client, "servicetarget", category="nothing", **minutes)
    assert ServiceTarget.objects.count() == 2


def test_a_macro_with_a_placeholder_nobody_fills_is_refused(client):
    assert "text" in errors(client, "macro", title="Hello", text="Dear {name},", category="", is_active="on")
    add(client, "macro", title="Hello", text="Dear {customer_name},", category="", is_active="on")
    assert Macro.objects.get().text == "Dear {customer_name},"


def test_a_guide_is_published_whole_and_every_saving_is_a_version(client, boss):
    add(client, "guide", **guide_form("Late", (2, "Call the depot"), (1, "Read the history")))
    guide = Guide.objects.get()
    assert [step.text for step in guide.steps.all()] == ["Read the history", "Call the depot"]
    assert guide.created_by == boss
    change = reverse("admin:conversations_guide_change", args=[guide.pk])
    assert client.post(change, guide_form("Late", (1, "Read everything"))).status_code == 302
    current = Guide.objects.get(is_current=True)
    assert (current.version, [step.text for step in current.steps.all()]) == (2, ["Read everything"])
    assert guide.steps.count() == 2  # what was ticked off stays what it was


def test_a_guide_without_steps_is_not_published(client):
    answer = client.post(reverse("admin:conversations_guide_add"), guide_form("Late"), follow=True)
    assert "Not published" in answer.content.decode()
    assert not Guide.objects.exists()
    assert not AuditEvent.objects.filter(action="guide.published").exists()
