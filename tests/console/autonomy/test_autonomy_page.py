"""The page of autonomy: levels by category, sliders, breakers, comparisons; who may do what."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from agents.factors import DEFAULT_WEIGHTS
from agents.models import Category, FactorWeight, Run
from agents.selectors import weights_resolve
from agents.types import Factor
from agents.vectors import Vector, vector_store
from analytics.models import CaseFact, QueryFact
from feedback.autonomy.shadow import shadow_compare
from feedback.models import AutonomyBreaker
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make
from tests.feedback.autonomy.test_shadow import OTHER, SAME, shadowed
from tests.feedback.learning.people import answer

pytestmark = pytest.mark.django_db
PAGE = "/admin/autonomy/"


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


def case_make(number: int, counts: dict[Factor, int], *, sent: bool) -> None:
    at = timezone.now() - timedelta(days=1)
    vector = vector_store(Vector(counts=counts, support=0.9))
    Run.objects.create(id=f"run_{number}", scope="channel:chat", category="orders", vector=vector, support=0.9)
    shared = {
        "conversation_id": f"cnv_{number}",
        "customer_id": "cus_1",
        "channel": "chat",
        "category": "orders",
        "at": at,
    }
    QueryFact.objects.create(
        **shared, query_id=f"qry_{number}", run_id=f"run_{number}", status="answered" if sent else "escalated",
        decision="auto_send" if sent else "escalate", answered_by="agent" if sent else "", is_automatic=False,
        is_covered=False, has_run=True, run_failed=False, fell_back=False, is_final=True,
    )  # fmt: skip
    CaseFact.objects.create(
        **shared, queries=1, last_status="answered" if sent else "escalated", involved=True, escalated=not sent,
        person_spoke=not sent, answered_by_agent=sent, reopened=False, came_back=False, resolved=sent,
        is_provisional=False, asked_at=at,
    )  # fmt: skip


@pytest.fixture
def cases():
    """Six answered alone, four with people because of an angry tone (70)."""
    for number in range(6):
        case_make(number, {}, sent=True)
    for number in range(6, 10):
        case_make(number, {Factor.ANGRY_FRUSTRATED_TONE: 1}, sent=False)


def rehearsal(client, **tried):
    return client.get(reverse("autonomy:rehearsal"), {"category": "orders", "days": 30, **tried})


def values(response) -> dict[str, str]:
    return {line["name"]: line["value"] for line in response.json()["lines"]}


class TestSliders:
    def test_the_page_shows_what_is_saved(self, client, boss, cases):
        response = client.get(PAGE, {"category": "orders"})
        shown = response.content.decode()
        assert response.status_code == 200
        assert "Orders &amp; delivery" in shown
        assert "60.0 %" in shown
        assert 'name="w_angry_frustrated_tone"' in shown
        assert "10 cases, 10 runs" in shown

    def test_moving_the_threshold_moves_the_figures(self, client, boss, cases):
        assert values(rehearsal(client))["alpha"] == "60.0 %"
        moved = rehearsal(client, threshold=70)
        assert values(moved)["alpha"] == "100.0 %"
        assert moved.json()["differs"]
        [alpha] = [line for line in moved.json()["lines"] if line["name"] == "alpha"]
        assert (alpha["saved"], alpha["was"], alpha["change"], alpha["tone"]) == (
            *("60.0 %", "60.0 %", "+40.0 points", "good"),
        )

    def test_so_does_moving_a_weight(self, client, boss, cases):
        assert values(rehearsal(client, w_angry_frustrated_tone=20))["sent"] == "100.0 %"
        assert values(rehearsal(client, w_angry_frustrated_tone=21))["sent"] == "60.0 %"

    def test_without_scripts_the_form_does_the_same(self, client, boss, cases):
        shown = client.get(PAGE, {"category": "orders", "days": 30, "threshold": 70}).content.decode()
        assert "100.0 %" in shown
        assert "saved 80" in shown

    @pytest.mark.parametrize(
        ("tried", "named"), [({"threshold": 101}, "threshold"), ({"category": "no"}, "category"), ({"days": 4}, "days")]
    )
    def test_what_cannot_be_is_named(self, client, boss, tried, named):
        response = rehearsal(client, **tried)
        assert response.status_code == 400
        assert response.json()["problem"].startswith(named)
        assert client.get(PAGE, tried).status_code == 200, "the page shows something all the same"

    def test_saving_asks_first_and_is_in_the_trail(self, client, boss, cases):
        tried = {"category": "orders", "days": 30, "threshold": 70, "w_urgency": 5}
        asked = client.post(reverse("autonomy:apply"), tried)
        assert "Save for Orders &amp; delivery?" in asked.content.decode()
        assert not Category.objects.exists()
        done = client.post(reverse("autonomy:apply"), {**tried, "confirmed": "1"}, follow=True)
        assert "Saved." in done.content.decode()
        assert Category.objects.get(key="orders").threshold == 70
        assert weights_resolve("orders") == {**DEFAULT_WEIGHTS, Factor.URGENCY: 5}
        assert FactorWeight.objects.count() == 1, "what holds for every category stays shared"
        event = AuditEvent.objects.get(action="category.score_set")
        assert event.actor == f"user:{boss.pk}"
        assert (event.details["before"]["threshold"], event.details["after"]["threshold"]) == (None, 70)


class TestLevels:
    @pytest.mark.parametrize("level", ["shadow", "draft"])
    def test_a_level_is_chosen(self, client, boss, level):
        done = client.post(reverse("autonomy:choose"), {"category": "orders", "autonomy": level}, follow=True)
        assert f"it works on {level} here" in done.content.decode()
        assert Category.objects.get(key="orders").autonomy == level
        assert AuditEvent.objects.filter(action="category.autonomy_set", actor=f"user:{boss.pk}").count() == 1

    def test_what_there_is_not_is_told(self, client, boss):
        done = client.post(reverse("autonomy:choose"), {"category": "orders", "autonomy": "dance"}, follow=True)
        assert "The autonomy must be one of" in done.content.decode()

    def test_a_tripped_breaker_stands_above_everything(self, client, boss):
        AutonomyBreaker.objects.create(
            category="orders", tripped_at=timezone.now(), accuracy=0.6, safety=1.0, sample=24, checked_at=timezone.now()
        )
        shown = client.get(PAGE).content.decode()
        assert "Orders &amp; delivery was taken from auto to draft" in shown
        assert "accuracy 0.60 (at least 0.75)" in shown

    def test_bars_are_set(self, client, boss):
        bars = {"least_accuracy": "0.8", "least_safety": "0.9", "window_days": 14, "least_sample": 30, "enabled": "on"}
        client.post(reverse("autonomy:breaker"), {"category": "orders", **bars})
        breaker = AutonomyBreaker.objects.get()
        assert (breaker.least_accuracy, breaker.window_days, breaker.enabled) == (0.8, 14, True)
        refused = client.post(
            reverse("autonomy:breaker"), {"category": "orders", **bars, "least_accuracy": "2"}, follow=True
        )
        assert "Least accuracy" in refused.content.decode()


class TestShadow:
    def test_both_stand_side_by_side_the_worst_first(self, client, boss):
        for text in (SAME, OTHER):
            shadow_compare(message_id=answer(shadowed(), text).pk)
        shown = client.get(reverse("autonomy:shadow")).content.decode()
        assert "Product information" in shown
        assert "50 %" in shown
        assert "on strike until June" in shown
        assert shown.index(">differ<") < shown.index(">agree<")
        assert "would have been sent" in shown

    def test_without_any_it_says_how_to_get_some(self, client, boss):
        assert "Set a category to <b>Shadow</b>" in client.get(reverse("autonomy:shadow")).content.decode()


class TestRights:
    def test_consultants_see_comparisons_and_set_nothing(self, client):
        client.force_login(consultant_make())
        assert client.get(PAGE).status_code == 403
        assert rehearsal(client).status_code == 403
        assert client.get(reverse("autonomy:shadow")).status_code == 200
        for name in ("choose", "apply", "breaker"):
            assert client.post(reverse(f"autonomy:{name}"), {"category": "orders"}).status_code == 403
            assert client.get(reverse(f"autonomy:{name}")).status_code == 405

    def test_who_may_only_view_has_no_buttons(self, client):
        viewer = consultant_make("vera")
        viewer.groups.clear()
        viewer.user_permissions.add(Permission.objects.get(codename="view_category"))
        client.force_login(viewer)
        shown = client.get(PAGE).content.decode()
        assert "Save for" not in shown
        assert "Shadow comparisons" not in shown
        assert client.post(reverse("autonomy:choose"), {"category": "orders"}).status_code == 403

    def test_strangers_are_sent_to_the_login(self, client):
        assert client.get(PAGE).status_code == 302


def test_the_pages_need_few_queries(client, boss, cases, django_assert_max_num_queries):
    for text in (SAME, OTHER):
        shadow_compare(message_id=answer(shadowed(), text).pk)
    with django_assert_max_num_queries(25):
        client.get(PAGE, {"category": "orders"})
    with django_assert_max_num_queries(25):
        client.get(reverse("autonomy:shadow"))
    with django_assert_max_num_queries(10):
        rehearsal(client, threshold=70)
