"""Which model answers a call, and what every try leaves in the ledger."""

from dataclasses import replace
from decimal import Decimal

import pytest

from agents.errors import (
    ContextTooLong,
    InvalidModelOutput,
    LanguageUnsupported,
    ModelAccessDenied,
    ModelRefused,
    ModelRequestInvalid,
    ModelThrottled,
    ModelTimeout,
    ModelUnavailable,
)
from agents.providers.base import Charge
from agents.routing import run_usage
from agents.types import Blocker
from omnicqm.common.models import Attempt
from tests.agents.routing.models import USED, Model, request_make


def ledger() -> list[tuple[str, str, str]]:
    return list(Attempt.objects.order_by("at", "id").values_list("provider", "outcome", "error_code"))


def test_the_first_model_of_the_route_answers(route):
    primary, secondary = Model("primary"), Model("secondary")
    model = route(primary, secondary)
    reply = model.converse(request_make())
    assert (reply.text, model.name, model.answered_by) == ("primary says so", "primary", "model-of-primary")
    assert not secondary.asked
    assert ledger() == [("primary", "ok", "")]


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (ModelTimeout("late"), "timeout", "model_timeout"),
        (ModelThrottled("slow down"), "error", "model_throttled"),
        (ModelUnavailable("away"), "error", "model_unavailable"),
        (InvalidModelOutput("garbage"), "error", "invalid_model_output"),
        (ModelRequestInvalid("malformed"), "error", "model_request_invalid"),
        (ContextTooLong("too long"), "error", "context_too_long"),
        (ModelAccessDenied("no"), "error", "model_access_denied"),
    ],
)
def test_an_error_that_another_model_may_mend_goes_to_the_next_one(route, error, outcome, code):
    primary = Model("primary", error)
    model = route(primary, Model("secondary"))
    assert model.converse(request_make()).text == "secondary says so"
    assert len(primary.asked) == 1, "no model is asked twice"
    assert ledger() == [("primary", outcome, code), ("secondary", "ok", "")]


def test_a_refusal_does_not_go_looking_for_a_more_willing_model(route):
    secondary = Model("secondary")
    with pytest.raises(ModelRefused):
        route(Model("primary", ModelRefused("no")), secondary).converse(request_make())
    assert not secondary.asked


def test_the_last_error_comes_through_when_nobody_answers(route):
    model = route(Model("primary", ModelTimeout("late")), Model("secondary", ModelThrottled("slow down")))
    with pytest.raises(ModelThrottled):
        model.converse(request_make())
    assert [outcome for _, outcome, _ in ledger()] == ["timeout", "error"]


def test_once_fallen_back_a_run_stays_there(route):
    primary = Model("primary", ModelUnavailable("away"))
    model = route(primary, Model("secondary"))
    model.converse(request_make())
    primary.error = None
    assert model.converse(request_make()).text == "secondary says so"
    assert (model.name, len(primary.asked)) == ("secondary", 1)


def test_after_text_was_handed_out_there_is_no_fallback(route):
    secondary, told = Model("secondary"), []
    model = route(Model("primary", ModelUnavailable("cut off"), pieces=("We open",)), secondary)
    with pytest.raises(ModelUnavailable):
        model.converse_stream(request_make(), told.append)
    assert (told, secondary.asked) == (["We open"], [])


def test_before_any_text_there_is(route):
    told: list[str] = []
    model = route(Model("primary", ModelUnavailable("away")), Model("secondary", pieces=("We open at 9.",)))
    model.converse_stream(request_make(), told.append)
    assert told == ["We open at 9."]


def test_what_the_listener_raises_comes_through(route):
    def stop(text: str) -> None:
        raise ValueError(text)

    secondary = Model("secondary")
    with pytest.raises(ValueError, match="We open"):
        route(Model("primary", pieces=("We open",)), secondary).converse_stream(request_make(), stop)
    assert not secondary.asked


def test_no_call_may_outlast_the_run(opened, clock):
    local, now = Model("local"), clock.now()
    model = opened(local, seconds=3.0)
    model.converse(request_make(deadline=now + 7.0))
    model.converse(request_make(deadline=now + 1.0))
    assert [request.deadline for request in local.asked] == [now + 3.0, now + 1.0]


def test_a_run_costs_what_its_attempts_cost(route):
    model = route(Model("primary", ModelUnavailable("away")), Model("secondary"))
    for _ in range(2):
        model.converse(request_make())
    assert model.usage == run_usage("run_1")
    assert (model.usage.input_tokens, model.usage.cost_usd) == (200, Decimal("0.02"))
    assert set(Attempt.objects.values_list("scope", "run_id")) == {("channel:test", "run_1")}


# --- Languages -------------------------------------------------------------------------------------------------------
ENGLISH = frozenset({"en"})


def test_a_model_that_does_not_read_the_language_is_passed_over(route):
    model = route(Model("primary", ModelUnavailable("away")), Model("local", languages=ENGLISH))
    model.language = "de"
    with pytest.raises(LanguageUnsupported) as raised:
        model.converse(request_make())
    assert raised.value.blocker == Blocker.LANGUAGE_UNSUPPORTED
    assert [provider for provider, *_ in ledger()] == ["primary"]


def test_as_long_as_the_language_is_not_known_every_model_may_be_asked(route):
    model = route(Model("local", languages=ENGLISH))
    assert model.converse(request_make()).text == "local says so"
    model.language = "en"
    assert model.converse(request_make()).text == "local says so"


def test_an_attempt_says_by_which_prices_it_was_charged_and_when_its_first_text_came(route, monkeypatch):
    primary = Model("primary")
    charged = {"tier": "priority", "price_version": "2026-11", "first_byte_ms": 310}
    answer = Model.converse_stream
    monkeypatch.setattr(primary, "converse_stream", lambda *asked: replace(answer(primary, *asked), **charged))
    route(primary).converse_stream(request_make(), lambda text: None)
    assert Attempt.objects.values(*charged).get() == charged


def test_a_failed_call_counts_with_what_the_service_bills_for_it(route):
    garbled = InvalidModelOutput("no reply at all")
    garbled.charge = Charge(USED, "default", "2026-11")
    model = route(Model("primary", garbled), Model("secondary"))
    model.converse(request_make())
    failed = Attempt.objects.get(provider="primary")
    assert (failed.outcome, failed.cost_usd, failed.price_version) == ("error", USED.cost_usd, "2026-11")
    assert run_usage("run_1").cost_usd == 2 * USED.cost_usd
