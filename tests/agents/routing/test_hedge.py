"""The hedge: the second model is asked while the first one still thinks, and the first good reply counts."""

import pytest

from agents.errors import ModelThrottled, ModelTimeout, ModelUnavailable
from agents.models import Run
from agents.routing import run_usage
from omnicqm.common.models import Attempt
from tests.agents.routing.models import USED, Model, request_make
from tests.agents.routing.test_router import ledger


def took(model, clock) -> tuple[str, float]:
    began = clock.now()
    return model.converse(request_make()).text, clock.now() - began


def test_without_one_the_second_model_is_asked_only_after_a_failure(opened, clock):
    secondary = Model("secondary")
    assert took(opened(Model("primary", seconds=4.0), secondary), clock) == ("primary says so", 4.0)
    assert not secondary.asked


def test_a_first_model_that_is_quick_enough_is_asked_alone(opened, clock):
    secondary = Model("secondary")
    model = opened(Model("primary", seconds=0.75), secondary, hedge_seconds=1.0)
    assert took(model, clock) == ("primary says so", 0.75)
    assert not secondary.asked


def test_the_second_one_may_win_and_the_run_stays_with_it(opened, clock):
    model = opened(Model("primary", seconds=4.0), Model("secondary", seconds=0.5), hedge_seconds=1.0)
    assert took(model, clock) == ("secondary says so", 1.5)
    assert model.name == "secondary"
    assert ledger() == [("secondary", "ok", ""), ("primary", "abandoned", "")]


def test_the_first_one_may_win_all_the_same(opened, clock):
    model = opened(Model("primary", seconds=2.0), Model("secondary", seconds=4.0), hedge_seconds=1.0)
    assert took(model, clock) == ("primary says so", 2.0)
    assert model.name == "primary"


def test_a_second_one_that_fails_does_not_end_the_wait_for_the_first(opened, clock):
    model = opened(Model("primary", seconds=3.0), Model("secondary", ModelThrottled("no")), hedge_seconds=1.0)
    assert took(model, clock) == ("primary says so", 3.0)


def test_when_both_hang_each_has_its_own_5_seconds(opened, clock):
    hours = 36_000.0
    model = opened(
        Model("primary", seconds=hours), Model("secondary", seconds=hours), Model("local"), hedge_seconds=1.0
    )
    assert took(model, clock) == ("local says so", 6.0)


def test_when_both_fail_and_nobody_is_left_the_last_error_comes_through(opened):
    model = opened(
        Model("primary", ModelUnavailable("away"), seconds=2.0),
        Model("secondary", ModelThrottled("no"), seconds=2.0),
        hedge_seconds=1.0,
    )
    with pytest.raises(ModelThrottled):
        model.converse(request_make())


def test_the_embedded_engine_is_no_hedge(opened, clock):
    model = opened(Model("primary", seconds=4.0), Model("local"), hedge_seconds=1.0)
    assert took(model, clock) == ("primary says so", 4.0)


def test_what_is_streamed_is_not_hedged(opened, clock):
    secondary, told = Model("secondary", pieces=("other",)), []
    model = opened(Model("primary", pieces=("text",), gap=4.0), secondary, hedge_seconds=1.0)
    model.converse_stream(request_make(), told.append)
    assert (told, secondary.asked) == (["text"], [])


def test_a_hung_model_that_was_outrun_is_blamed_in_the_end(opened, stop, clock):
    primary = stop(Model("primary", ModelTimeout("late"), seconds=5.0), at_once=9)
    for _ in range(5):
        opened(primary, Model("secondary"), hedge_seconds=1.0).converse(request_make())
    assert primary.guards.breaker.state == "closed"
    clock.pass_to(clock.now() + 5)
    clock.settle()
    assert primary.guards.breaker.state == "open"


@pytest.mark.django_db(transaction=True)
def test_what_the_outrun_model_cost_is_added_when_its_reply_comes(opened, clock):
    run = Run.objects.create(id="run_1", scope="channel:test")
    model = opened(Model("primary", seconds=4.0), Model("secondary"), hedge_seconds=1.0)
    model.converse(request_make())
    assert run_usage(run.pk) == USED
    clock.pass_to(clock.now() + 4)
    clock.settle()
    late = Attempt.objects.get(provider="primary")
    assert (late.outcome, late.input_tokens, late.cost_usd) == ("abandoned", USED.input_tokens, USED.cost_usd)
    assert run_usage(run.pk).cost_usd == 2 * USED.cost_usd
