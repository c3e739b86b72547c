"""How the demo's consultants work: everything a stranger looks for is there, and twice is once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from agents.categories import shipped_categories
from conversations.desk.services import macro_render
from conversations.desk.targets import target_for
from conversations.escalations.selectors import TABS, escalations_count, escalations_queue
from conversations.models import (
    BusinessHours,
    Consultant,
    Escalation,
    Guide,
    Macro,
    Message,
    Query,
    ServiceTarget,
    Team,
    WorkQueue,
)
from conversations.services.channels import channels_ensure_defaults
from omnicqm.demo import cases
from omnicqm.demo.cases import cases_load, cases_read
from omnicqm.demo.company import customers_load, staff_ensure
from omnicqm.demo.desk import desk_load

pytestmark = pytest.mark.django_db(transaction=True)
CATEGORIES = {entry["key"] for entry in shipped_categories()}


@pytest.fixture
def consultant():
    channels_ensure_defaults()
    customers_load()
    user = staff_ensure(admin_password="a long password", consultant_password="another password")
    desk_load()
    return user


def test_two_teams_and_four_consultants_with_skills(consultant):
    assert Team.objects.exclude(lead=None).count() == 2
    assert Consultant.objects.count() == 4
    assert {skill for one in Consultant.objects.all() for skill in one.categories} <= CATEGORIES
    colleagues = User.objects.filter(consultant__isnull=False).exclude(pk=consultant.pk)
    assert all(user.consultant.team and user.consultant.languages for user in colleagues)
    assert not any(user.has_usable_password() for user in colleagues), "nobody can sign in as one of them"
    assert all(user.has_perm("conversations.change_escalation") for user in colleagues)


def test_every_category_has_a_queue(consultant):
    served = {key for queue in WorkQueue.objects.all() for key in (queue.key, *queue.categories)}
    assert served >= CATEGORIES


def test_targets_and_hours_can_be_counted_with(consultant):
    for hours in BusinessHours.objects.all():
        hours.full_clean()
    for target in ServiceTarget.objects.all():
        target.full_clean()
    premium = target_for(category="orders", service_level="premium")
    assert (premium.first, premium.calendar) == (timedelta(hours=2), None), "what members were promised"
    assert target_for(category="orders", service_level="standard").calendar is not None


def test_macros_and_guides_are_of_use(consultant):
    cases_load()
    escalation = Escalation.objects.select_related("conversation__customer").first()
    assert Macro.objects.count() == 6
    for macro in Macro.objects.all():
        macro.full_clean()
        text = macro_render(macro=macro, escalation=escalation, user=consultant)
        assert "{" not in text
        assert escalation.conversation.customer.display_name in text
    assert set(Guide.objects.values_list("category", flat=True)) <= CATEGORIES
    assert all(3 <= guide.steps.count() <= 8 for guide in Guide.objects.all())


def test_there_is_something_under_every_tab(consultant):
    assert cases_load() == len(cases_read())
    for tab in TABS:
        assert escalations_queue(consultant, tab if tab != "mine" else "all").exists(), tab
    counts = escalations_count(consultant)
    assert (counts["overdue"], counts["due_soon"], counts["waiting"]) == (2, 1, 2)
    noah = User.objects.get(username="noah.kim")
    assert escalations_queue(noah, "mine").exists()


def test_the_cases_lie_where_they_are_told_to(consultant):
    cases_load()
    now = timezone.now()
    for case in cases_read():
        message = Message.objects.get(external_id=case.seed.external_id(0))
        assert abs(message.created_at - (now - timedelta(hours=case.hours_ago))) < timedelta(minutes=5)
        escalation = Escalation.objects.get(query=message.query)
        if case.due_in_hours is not None:
            assert abs(escalation.due_at - (now + timedelta(hours=case.due_in_hours))) < timedelta(minutes=5)
        if escalation.waiting_since:
            assert abs(escalation.waiting_since - case.seed.consultant.moment(now)) < timedelta(minutes=5)
        assert escalation.created_at <= (escalation.closed_at or now)


def test_no_worker_has_anything_to_do_with_them(consultant):
    cases_load()
    assert not Query.objects.filter(status__in=Query.PENDING).exists()


def test_loading_twice_changes_nothing_also_after_a_load_that_was_killed(consultant, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(cases, "conversation_place", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cases_load()
    assert Message.objects.count() == 0
    assert cases_load() == len(cases_read())
    before = _rows()
    desk_load()
    assert cases_load() == 0
    assert _rows() == before


def test_what_an_admin_has_changed_stays(consultant):
    WorkQueue.objects.filter(pk="orders").update(title="My queue")
    desk_load()
    assert WorkQueue.objects.get(pk="orders").title == "My queue"


def _rows():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Team, Consultant, WorkQueue, ServiceTarget, Macro, Guide, Escalation, Message)
    ]
