"""Whole runs over a route: what a fallback in the middle of one changes."""

import pytest

from agents.errors import ModelThrottled, ModelUnavailable
from agents.models import Run, RunStep
from agents.providers.base import Purpose
from agents.types import Blocker, Decision
from omnicqm.common.models import Attempt
from tests.agents.scripted import ScriptedModel, assessment, call

SEARCH = [call("search_knowledge", query="opening hours")]
ANSWER = "We open at 9 and close at 18. [1]"


def answering(**options) -> ScriptedModel:
    return ScriptedModel(**({"gather": [SEARCH, "Enough."], "compose": [ANSWER]} | options))


def attempts(result) -> list[tuple[str, str, str]]:
    rows = Attempt.objects.filter(run_id=result.run_id).order_by("at", "id")
    return list(rows.values_list("purpose", "provider", "outcome"))


def test_a_run_goes_on_with_the_next_model_where_the_first_one_failed(use_route, run):
    secondary = answering(gather=["Enough."])
    use_route(primary=answering(gather=[SEARCH, ModelThrottled("no")]), secondary=secondary)
    result = run("When do you open?")
    assert (result.decision, result.reply_text) == (Decision.AUTO_SEND, ANSWER)
    assert attempts(result) == [
        ("gather", "primary", "ok"),
        ("gather", "primary", "error"),
        ("gather", "secondary", "ok"),
        ("assess", "secondary", "ok"),
        ("compose", "secondary", "ok"),
    ]
    assert len(secondary.requests[0].messages) == 3, "it got what the first one had found"


def test_a_run_costs_what_its_attempts_cost_failed_ones_included(use_route, run):
    use_route(primary=answering(gather=[SEARCH, ModelThrottled("no")]), secondary=answering(gather=["Enough."]))
    stored = Run.objects.get(pk=run("When do you open?").run_id)
    rows = Attempt.objects.filter(run_id=stored.pk)
    assert stored.input_tokens == sum(row.input_tokens for row in rows) == 400
    assert stored.output_tokens == sum(row.output_tokens for row in rows) == 40


@pytest.mark.parametrize("purpose", ["gather", "assess", "compose"])
def test_a_last_resort_that_does_not_read_the_language_ends_in_an_escalation(use_route, run, purpose):
    """Wherever the fallback happens: also when the gate had already said yes."""
    german = assessment(language="de")
    failing = answering(**({"assess": [german]} | {purpose: [ModelUnavailable("away")]}))
    local = answering(assess=[german], languages=frozenset({"en"}))
    use_route(primary=failing, local=local)
    result = run("Wann öffnen Sie?")
    assert (result.decision, result.blockers) == (Decision.ESCALATE, (Blocker.LANGUAGE_UNSUPPORTED,))
    assert not local.asked(Purpose.COMPOSE)


def test_a_last_resort_that_reads_it_answers(use_route, run):
    local = answering(languages=frozenset({"en"}))
    use_route(primary=answering(compose=[ModelUnavailable("away")]), local=local)
    assert run("When do you open?").decision is Decision.AUTO_SEND


def test_a_model_that_was_passed_over_is_a_step_of_the_run_and_no_attempt(use_route, run):
    primary = answering(gather=[ModelUnavailable("away")])
    use_route(primary=primary, local=answering())
    for _ in range(3):
        run("When do you open?")
    result = run("When do you open?")
    step = RunStep.objects.filter(run_id=result.run_id).first()
    assert (step.kind, step.name, step.output) == ("model", "primary passed over", {"reason": "breaker_open"})
    assert {provider for _, provider, _ in attempts(result)} == {"local"}


class Killed(BaseException):
    """The worker is gone in the middle of a run."""


def test_a_resumed_run_stays_with_the_model_it_had_fallen_back_to(use_route, run):
    def kill(request) -> None:
        if request.purpose is Purpose.ASSESS:
            raise Killed

    english = frozenset({"en"})
    use_route(
        primary=answering(gather=[SEARCH, ModelThrottled("no")]),
        local=answering(gather=["Enough."], languages=english, before=kill),
    )
    with pytest.raises(Killed):
        run("Wann öffnen Sie?", origin="qry_1")
    primary = answering()
    use_route(primary=primary, local=answering(assess=[assessment(language="de")], languages=english))
    result = run("Wann öffnen Sie?", origin="qry_1")
    assert not primary.requests
    assert Blocker.LANGUAGE_UNSUPPORTED in result.blockers, "what the one that is asked can read is what counts"
