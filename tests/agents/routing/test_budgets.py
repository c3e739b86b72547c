"""Budgets: what they allow as the day's money runs out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from agents.budgets import Saving, budget_saving, budget_spent
from agents.errors import BudgetExhausted
from agents.models import Budget, Run
from agents.types import Blocker, Decision
from omnicqm.common.models import Attempt
from tests.agents.routing.models import USED, Model, request_make
from tests.agents.routing.test_runs import answering

pytestmark = pytest.mark.django_db
SCOPE = "channel:test"


def spend(usd: str, scope: str = SCOPE, at: datetime | None = None) -> None:
    options = {"purpose": "gather", "provider": "primary", "model": "m", "latency_ms": 1, "outcome": "ok"}
    Attempt.objects.create(**options, scope=scope, cost_usd=Decimal(usd), at=at or timezone.now())


def budget(usd: str, **options) -> Budget:
    return Budget.objects.create(**({"scope": SCOPE, "usd_per_day": usd} | options))


# --- Steps -----------------------------------------------------------------------------------------------------------
def test_without_a_budget_money_limits_nothing():
    spend("1000")
    assert budget_saving(SCOPE) is Saving.NOTHING


@pytest.mark.parametrize(
    ("spent", "saving"),
    [
        ("0", Saving.NOTHING),
        ("6.99", Saving.NOTHING),
        ("7", Saving.SECONDARY),
        ("8.99", Saving.SECONDARY),
        ("9", Saving.SECONDARY | Saving.DRAFTS),
        ("9.99999999", Saving.SECONDARY | Saving.DRAFTS),
        ("10", Saving.PEOPLE),
        ("99", Saving.PEOPLE),
    ],
)
def test_a_budget_savings_down_as_it_is_used_up(spent, saving):
    budget("10", secondary_at=70, drafts_at=90)
    spend(spent)
    assert budget_saving(SCOPE) is saving


def test_a_step_may_be_left_out():
    row = budget("10", drafts_at=None)
    spend("9.99")
    assert budget_saving(SCOPE) is Saving.NOTHING
    Budget.objects.filter(pk=row.pk).update(drafts_at=90)
    assert budget_saving(SCOPE) is Saving.DRAFTS, "the primary may be the cheaper one"


def test_a_budget_of_nothing_allows_nothing():
    budget("0")
    assert budget_saving(SCOPE) is Saving.PEOPLE


def test_each_scope_has_its_own_and_all_share_the_one_for_everything():
    budget("1")
    budget("10", scope="")
    spend("5", scope="channel:other")
    assert budget_saving(SCOPE) is Saving.NOTHING
    assert budget_saving("channel:other") is Saving.NOTHING
    spend("1")
    assert budget_saving(SCOPE) is Saving.PEOPLE
    spend("4", scope="")
    assert budget_saving("channel:other") is Saving.PEOPLE
    assert (budget_spent(SCOPE), budget_spent("")) == (Decimal(1), Decimal(10))


def test_every_day_begins_with_the_whole_budget():
    budget("1")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    spend("5", at=midnight - timedelta(seconds=1))
    assert budget_saving(SCOPE) is Saving.NOTHING
    spend("5", at=midnight)
    assert budget_saving(SCOPE) is Saving.PEOPLE


@pytest.mark.parametrize("wrong", [{"usd_per_day": -1}, {"drafts_at": 101}, {"secondary_at": 0}])
def test_the_database_refuses_budgets_that_make_no_sense(wrong):
    with pytest.raises(IntegrityError):
        Budget.objects.create(**({"scope": SCOPE, "usd_per_day": 1} | wrong))


# --- In the route ----------------------------------------------------------------------------------------------------
@pytest.fixture
def money() -> list[Saving]:
    """What the budgets allow; a test changes it."""
    return [Saving.NOTHING]


@pytest.fixture
def limited(opened, money) -> Callable:
    return lambda *models, **options: opened(*models, budget=lambda: money[0], **options)


def test_the_secondary_is_asked_instead_of_the_primary(limited, money):
    money[0] = Saving.SECONDARY
    skipped: list[tuple[str, str]] = []
    model = limited(Model("primary"), Model("secondary"), on_skip=lambda *skip: skipped.append(skip))
    for _ in range(2):
        assert model.converse(request_make()).text == "secondary says so"
    assert skipped == [("primary", "budget")]


def test_where_there_is_no_other_paid_model_the_first_one_goes_on(limited, money):
    money[0] = Saving.SECONDARY
    assert limited(Model("primary"), Model("local")).converse(request_make()).text == "primary says so"


def test_at_the_end_nobody_is_asked_not_even_in_the_middle_of_a_run(limited, money):
    primary, local = Model("primary"), Model("local")
    model = limited(primary, local)
    model.converse(request_make())
    money[0] = Saving.PEOPLE
    with pytest.raises(BudgetExhausted):
        model.converse(request_make())
    assert (len(primary.asked), len(local.asked)) == (1, 0)


def test_the_embedded_engine_costs_nothing_and_is_not_limited(limited, money):
    money[0] = Saving.PEOPLE
    model = limited(Model("local"))
    assert model.converse(request_make()).text == "local says so"
    assert not model.drafts_only


def test_a_budget_is_overshot_by_no_more_than_the_calls_under_way(opened):
    budget("0.035", drafts_at=None)  # every call costs 0.01
    model = opened(Model("primary"), budget=lambda: budget_saving(SCOPE))
    for _ in range(4):
        model.converse(request_make())
    with pytest.raises(BudgetExhausted):
        model.converse(request_make())
    assert budget_spent(SCOPE) == 4 * USED.cost_usd


# --- In a run --------------------------------------------------------------------------------------------------------
def test_near_the_end_replies_are_only_suggested(use_route, run):
    budget("10")
    spend("9.5")
    use_route(primary=answering())
    result = run("When do you open?")
    assert (result.decision, result.blockers) == (Decision.ESCALATE, (Blocker.DRAFTS_ONLY,))
    assert result.reply_text == "We open at 9 and close at 18. [1]"


def test_at_the_end_a_message_goes_straight_to_people(use_route, run):
    budget("10")
    spend("10")
    model = answering()
    use_route(primary=model)
    result = run("When do you open?")
    assert (result.decision, result.blockers, result.score) == (Decision.ESCALATE, (Blocker.BUDGET_EXHAUSTED,), 0)
    assert "the budget is exhausted" in result.explanation
    assert not model.requests
    assert not Attempt.objects.filter(run_id=result.run_id).exists()
    assert Run.objects.get(pk=result.run_id).cost_usd == 0


def test_a_budget_of_another_channel_is_not_ours(use_route, run):
    budget("10", scope="channel:other")
    spend("10", scope="channel:other")
    use_route(primary=answering())
    assert run("When do you open?").decision is Decision.AUTO_SEND
