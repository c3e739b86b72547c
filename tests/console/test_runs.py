"""Runs, costs and prompts in the console: what the agent did, what it cost, which prompts answered what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from agents.models import Budget, Run, RunStep
from agents.prompts import prompts_load
from conversations.models import Channel
from omnicqm.common.models import Attempt, AuditEvent
from omnicqm.console.costs import costs_by_day, usd
from tests.console.people import admin_make, consultant_make

pytestmark = pytest.mark.django_db

RUNS, ATTEMPTS = reverse("admin:agents_run_changelist"), reverse("admin:common_attempt_changelist")
PROMPTS, COSTS = reverse("admin:agents_run_prompts_page"), reverse("admin:common_attempt_costs_page")


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


def run_make(**options) -> Run:
    defaults = {
        "scope": "channel:outlook",
        "state": "finished",
        "decision": "auto_send",
        "score": 100,
        "threshold": 80,
        "finished_at": timezone.now(),
        "prompt_version": "1-1",
        "prompt_hash": "a" * 64,
        "model_used": "nova",
    }
    return Run.objects.create(**(defaults | options))


def attempt_make(**options) -> Attempt:
    defaults = {"purpose": "gather", "provider": "primary", "model": "nova", "latency_ms": 812, "outcome": "ok"}
    return Attempt.objects.create(**(defaults | options))


def listed(client, **chosen) -> set[str]:
    return {run.pk for run in client.get(RUNS, chosen).context["cl"].queryset}


# --- Runs ------------------------------------------------------------------------------------------------------------
def test_a_run_shows_its_steps_attempts_prompts_and_cost(client, boss):
    run = run_make(cost_usd=Decimal("0.00123"))
    RunStep.objects.create(run=run, index=0, kind="model", name="primary passed over", output={"reason": "shed"})
    attempt_make(run_id=run.pk, outcome="timeout", error_code="model_timeout", latency_ms=5001)
    attempt_make(run_id=run.pk, provider="secondary", model="haiku", first_byte_ms=310, cost_usd=Decimal("0.00123"))
    attempt_make(run_id="another", model="of another run")
    shown = client.get(reverse("admin:agents_run_change", args=[run.pk])).content.decode()
    for words in (
        "primary passed over",
        "model_timeout",
        "5001 ms",
        "haiku",
        "first text 310 ms",
        "$0.0012",
        "1-1",
        "a" * 64,
    ):
        assert words in shown
    assert "of another run" not in shown


def test_runs_are_filtered_by_model_prompt_version_and_decision(client, boss):
    nova = run_make()
    haiku = run_make(model_used="haiku", prompt_version="1-2", prompt_hash="b" * 64)
    person = run_make(decision="escalate", score=5)
    assert listed(client, model_used="haiku") == {haiku.pk}
    assert listed(client, prompt_version="1-1") == {nova.pk, person.pk}
    assert listed(client, decision__exact="escalate") == {person.pk}
    assert listed(client, prompt_hash="b" * 64) == {haiku.pk}


# --- Prompts ---------------------------------------------------------------------------------------------------------
def test_the_prompts_are_shown_with_what_each_version_answered(client, boss):
    current = prompts_load()
    run_make(prompt_version=current.version, prompt_hash=current.digest)
    run_make()
    run_make(decision="escalate", score=5)
    response = client.get(PROMPTS)
    shown = response.content.decode()
    assert [(v.prompt_hash, v.runs, v.alone_percent, v.is_current) for v in response.context["versions"]] == [
        ("a" * 64, 2, 50, False),
        (current.digest, 1, 100, True),
    ]
    assert current.prompts["gather"].text.splitlines()[0][:40] in shown.replace("&#x27;", "'").replace("&quot;", '"')
    assert f"{RUNS}?prompt_hash={'a' * 64}" in shown


# --- Costs -----------------------------------------------------------------------------------------------------------
def test_costs_are_summed_by_day_and_model_with_the_hits_of_the_prompt_cache():
    yesterday = timezone.now() - timedelta(days=1)
    attempt_make(input_tokens=100, cache_read_tokens=0, cache_write_tokens=900, cost_usd=Decimal("0.01"))
    attempt_make(input_tokens=100, cache_read_tokens=900, output_tokens=50, cost_usd=Decimal("0.002"))
    attempt_make(outcome="timeout")
    attempt_make(model="haiku", provider="secondary", cost_usd=Decimal("0.5"))
    attempt_make(at=yesterday)
    attempt_make(at=timezone.now() - timedelta(days=30))
    rows = costs_by_day()
    figures = [(row.model, row.calls, row.failed, row.tokens_in, row.cached_percent, row.cost_usd) for row in rows]
    assert figures == [
        ("haiku", 1, 0, 0, 0, Decimal("0.5")),
        ("nova", 3, 1, 2000, 45, Decimal("0.012")),
        ("nova", 1, 0, 0, 0, Decimal(0)),
    ]
    assert rows[0].day - rows[-1].day == timedelta(days=1)


def test_the_page_of_costs_shows_budgets_and_what_is_spent_of_them(client, boss):
    Budget.objects.create(scope="channel:outlook", usd_per_day=10)
    Budget.objects.create(scope="", usd_per_day=1000)
    attempt_make(scope="channel:outlook", cost_usd=Decimal("9.5"))
    response = client.get(COSTS)
    states = {state.budget.scope: (state.spent, state.percent, state.saving) for state in response.context["budgets"]}
    assert states == {"channel:outlook": (Decimal("9.5"), 95, "drafts only"), "": (Decimal("9.5"), 1, "")}
    assert "$9.5000" in response.content.decode()


def test_an_admin_sets_a_budget_for_a_channel(client, boss):
    Channel.objects.create(id="outlook", title="Outlook", kind="email")
    form = {"scope": "channel:outlook", "usd_per_day": "2.50", "secondary_at": "", "drafts_at": "90"}
    response = client.post(reverse("admin:agents_budget_add"), form)
    assert response.status_code == 302, response.context["adminform"].errors
    assert Budget.objects.get().usd_per_day == Decimal("2.5")
    assert AuditEvent.objects.filter(action="budget.added").exists()


@pytest.mark.parametrize("wrong", [{"scope": "channel:nowhere"}, {"usd_per_day": "-1"}, {"drafts_at": "120"}])
def test_a_budget_that_makes_no_sense_is_refused(client, boss, wrong):
    form = {"scope": "", "usd_per_day": "2.50", "secondary_at": "", "drafts_at": "90"} | wrong
    assert client.post(reverse("admin:agents_budget_add"), form).status_code == 200
    assert not Budget.objects.exists()


# --- Who may look ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", [RUNS, ATTEMPTS, PROMPTS, COSTS, reverse("admin:agents_budget_changelist")])
def test_only_staff_with_permission_may_look(client, page):
    client.force_login(consultant_make())
    assert client.get(page).status_code == 403
    client.logout()
    assert client.get(page).status_code == 302


def test_the_lists_lead_to_their_pages(client, boss):
    assert f'href="{PROMPTS}"' in client.get(RUNS).content.decode()
    assert f'href="{COSTS}"' in client.get(ATTEMPTS).content.decode()


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0", "-"), ("0.00000000", "-"), ("0.00420000", "$0.0042"), ("12.5", "$12.5000"), ("0.0000035", "$0.0000035")],
)
def test_small_amounts_are_still_readable(amount, shown):
    assert usd(Decimal(amount)) == shown
