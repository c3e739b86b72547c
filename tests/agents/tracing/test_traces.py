"""A run's trace as somebody reads it in MLflow, against the real mlflow-skinny and a real database."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from agents.errors import ModelTimeout, ModelUnavailable
from agents.models import Run, RunTrace
from agents.privacy import Vault
from agents.providers.base import ModelMessage, ModelRequest, Purpose, Text
from agents.services import trace_renew
from agents.tracing.assessments import TraceAssessment
from agents.tracing.exporting import traces_export
from agents.tracing.noting import MAX_CALL_CHARS, MOST_CALLS, Calls
from agents.tracing.store import trace_id
from agents.types import Factor
from omnicqm.common.models import Attempt
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call
from tests.agents.tracing.conftest import read_back

SEARCH = [call("search_knowledge", query="opening hours")]


@pytest.fixture
def answered(know, use_model, mlflow, run):
    """A run that searched and answered, of which the ledger knows uneven numbers."""
    know(HOURS, external_id="hours")
    use_model(ScriptedModel(gather=[SEARCH, "Enough."], compose=["We open at 9 and close at 18. [1]"]))
    result = run("When do you open?", session="cnv_1", subject_id="pseudonym")
    for number, attempt in enumerate(Attempt.objects.filter(run_id=result.run_id).order_by("id")):
        Attempt.objects.filter(pk=attempt.pk).update(
            cost_usd=Decimal("0.00012345") + number * Decimal("0.0071"),
            cache_read_tokens=17 * number,
            cache_write_tokens=3,
        )
    return result


def test_a_run_becomes_a_trace_with_everything_it_did(answered, mlflow):
    assert traces_export() == 1
    trace = read_back(mlflow, answered.run_id)
    assert trace.info.trace_id == trace_id(answered.run_id)
    assert (trace.root.name, trace.root.span_type) == ("run", "AGENT")
    assert trace.root.inputs == {"message": "When do you open?"}
    assert trace.root.outputs["reply"].startswith("We open at 9 and close at 18.")
    assert (trace.root.outputs["decision"], trace.root.outputs["score"]) == ("auto_send", 100)
    types = [span.span_type for span in trace.all]
    assert {kind: types.count(kind) for kind in set(types)} == {
        "AGENT": 1,
        "GUARDRAIL": 1,
        "RETRIEVER": 1,
        "PARSER": 1,
        "GATE": 1,
        "COMPOSE": 1,
        "CHAT_MODEL": 4,
    }
    assert trace.info.trace_metadata["mlflow.trace.session"] == "cnv_1"
    assert trace.info.trace_metadata["mlflow.trace.user"] == "pseudonym"
    stored = Run.objects.get(pk=answered.run_id)
    assert trace.info.tags["omnicqm.prompt_version"] == stored.prompt_version
    assert trace.info.tags["omnicqm.prompt_hash"] == stored.prompt_hash
    assert (trace.info.tags["omnicqm.decision"], trace.info.tags["omnicqm.score"]) == ("auto_send", "100")
    row = RunTrace.objects.get(run=answered.run_id)
    assert (row.state, row.experiment_id, row.error) == ("exported", mlflow.experiment_id, "")


def test_tokens_and_cost_are_those_of_the_ledger(answered, mlflow):
    traces_export()
    trace = read_back(mlflow, answered.run_id)
    ledger = list(Attempt.objects.filter(run_id=answered.run_id))
    given = sum(one.input_tokens + one.cache_read_tokens + one.cache_write_tokens for one in ledger)
    made = sum(one.output_tokens for one in ledger)
    usage = trace.info.token_usage
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (given, made, given + made)
    cost = sum(one.cost_usd for one in ledger)
    assert cost > 0
    assert Decimal(str(trace.info.cost["total_cost"])).quantize(Decimal("1e-8")) == cost
    calls = [span for span in trace.all if span.span_type == "CHAT_MODEL"]
    each = sum(Decimal(str(span.llm_cost["total_cost"])) for span in calls)
    assert each.quantize(Decimal("1e-8")) == cost
    assert sum(span.get_attribute("mlflow.chat.tokenUsage")["total_tokens"] for span in calls) == given + made


def test_a_call_shows_what_the_model_was_told_and_answered(answered, mlflow):
    traces_export()
    trace = read_back(mlflow, answered.run_id)
    first, second = [span for span in trace.all if span.name.startswith("gather by")]
    [told] = first.inputs["messages"]
    assert told["role"] == "user"
    assert "When do you open?" in told["content"]
    [answer] = first.outputs["messages"]
    [used] = answer["tool_calls"]
    assert used["function"] == {"name": "search_knowledge", "arguments": '{"query": "opening hours"}'}
    assert "We open at 9" in second.inputs["messages"][0]["content"], "it was told what the tool found"
    assert second.outputs["messages"] == [{"role": "assistant", "content": "Enough."}]
    composed = trace.spans["compose by scripted-1"]
    assert composed.outputs["messages"][0]["content"] == "We open at 9 and close at 18. [1]"


def test_what_is_kept_of_a_call_is_bounded(use_model, mlflow, run):
    use_model(ScriptedModel(gather=["Enough. " * 10_000]))
    result = run("When do you open? " * 1_000)
    calls = RunTrace.objects.get(run=result.run_id).calls
    assert calls
    assert all(len(text) <= MAX_CALL_CHARS + 1 for call in calls.values() for text in (call["told"], call["answered"]))
    kept = Calls()
    for number in range(MOST_CALLS + 5):
        kept.keep(
            f"att_{number}", ModelRequest(Purpose.GATHER, "", (ModelMessage("user", (Text("Hello"),)),), 0.0), None
        )
    assert list(kept.hidden(Vault())) == [f"att_{number}" for number in range(MOST_CALLS)]
    assert kept.hidden(Vault())["att_0"] == {"told": "Hello"}


@pytest.mark.parametrize("before", range(1_280, 1_720, 7))
def test_personal_data_that_the_cut_goes_through_is_left_out(before):
    """Wherever it stands, and however much shorter tokens make what stands before it."""
    known = "74 Thornapple Crescent"
    vault = Vault({"ADDRESS": (known,)})
    text = f"{'Write to efua.owusu.of.somewhere.long@example.com. ' * 9}{'x ' * 300}"
    text = f"{text}{'y ' * ((before - len(text)) // 2)}{known} or +1 415 555 2671 {'z ' * 900}"
    kept = Calls()
    kept.keep("att_1", ModelRequest(Purpose.GATHER, "", (ModelMessage("user", (Text(text),)),), 0.0), None)
    told = kept.hidden(vault)["att_1"]["told"]
    assert not [part for part in ("Thornapple", "74 T", "415", "+1", "efua") if part in told]


def test_a_failed_call_shows_what_it_was_told(use_model, mlflow, run):
    use_model(ScriptedModel(gather=[ModelUnavailable("gone")]))
    result = run("When do you open?")
    traces_export()
    [span] = [span for span in read_back(mlflow, result.run_id).all if span.span_type == "CHAT_MODEL"]
    assert "When do you open?" in span.inputs["messages"][0]["content"]
    assert "messages" not in span.outputs


def test_times_are_those_of_the_run_and_spans_lie_within_it(answered, mlflow):
    traces_export()
    trace, stored = read_back(mlflow, answered.run_id), Run.objects.get(pk=answered.run_id)
    assert abs(trace.root.start_time_ns / 1e9 - stored.started_at.timestamp()) < 1e-5
    assert abs(trace.root.end_time_ns / 1e9 - stored.finished_at.timestamp()) < 1e-5
    slack = 5_000_000  # latencies are whole milliseconds
    for span in trace.all:
        assert trace.root.start_time_ns - slack <= span.start_time_ns <= span.end_time_ns <= trace.root.end_time_ns
    composed = trace.spans["compose by scripted-1"]
    assert composed.parent_id == trace.spans["compose answer"].span_id


def test_a_search_is_shown_by_ids_and_hashes(answered, mlflow):
    traces_export()
    [found] = read_back(mlflow, answered.run_id).spans["search_knowledge"].outputs
    assert found["page_content"] == "Opening hours"
    assert found["metadata"]["chunk_id"].startswith("chk_")
    assert len(found["metadata"]["sha256"]) == 64
    assert "On Sundays" not in json.dumps(found)


def test_a_fallback_says_why(know, use_model, mlflow, run):
    know(HOURS)
    use_model(ScriptedModel(gather=[ModelTimeout("late"), SEARCH, "Enough."]))
    result = run("When do you open?")
    traces_export()
    calls = [span for span in read_back(mlflow, result.run_id).all if span.span_type == "CHAT_MODEL"]
    assert [span.status.status_code.value for span in calls] == ["ERROR"]
    assert calls[0].get_attribute("attempt") == 1
    now = timezone.now()
    for name, outcome, code in (("first", "error", "throttled"), ("second", "ok", "")):
        Attempt.objects.create(
            run_id=result.run_id, purpose="assess", provider=name, model=name, latency_ms=1, outcome=outcome,
            error_code=code, at=now,
        )  # fmt: skip
    trace_renew(result.run_id)
    traces_export()
    second = read_back(mlflow, result.run_id).spans["assess by second"]
    assert second.get_attribute("fallback_reason") == "throttled"


def test_a_failed_run_is_traced_too(use_model, mlflow, run):
    use_model(ScriptedModel(gather=[ModelUnavailable("gone")]))
    result = run("When do you open?")
    traces_export()
    trace = read_back(mlflow, result.run_id)
    assert trace.info.state.value == "ERROR"
    assert trace.root.outputs["decision"] == "escalate"


def test_what_people_and_judges_say_goes_along(answered, mlflow, settings):
    traces_export()
    settings.TRACE_ASSESSORS = ["tests.agents.tracing.test_traces.judged"]
    trace_renew(answered.run_id)
    assert traces_export() == 1
    trace = read_back(mlflow, answered.run_id)
    [found] = trace.info.assessments
    assert (found.name, found.value, found.rationale) == ("relevance", 0.9, "Write to ⟨EMAIL⟩.")
    assert (found.source.source_type, found.source.source_id) == ("LLM_JUDGE", "judge-1")
    judge = trace.spans["judge relevance"]
    assert (judge.span_type, judge.get_attribute("cost_usd")) == ("EVALUATOR", 0.01)
    trace_renew(answered.run_id)
    traces_export()
    assert len(read_back(mlflow, answered.run_id).info.assessments) == 1


def judged(run_id: str) -> list[TraceAssessment]:
    ended = Run.objects.get(pk=run_id).finished_at
    return [
        TraceAssessment(
            name="relevance",
            value=0.9,
            source="LLM_JUDGE",
            source_id="judge-1",
            rationale="Write to amelia.hart@example.com.",
            at=ended,
            started_at=ended,
            ended_at=ended,
            details={"cost_usd": 0.01},
        )
    ]


def test_exporting_twice_makes_one_trace(answered, mlflow):
    assert (traces_export(), traces_export()) == (1, 0)
    RunTrace.objects.update(state="pending", due_at=timezone.now())  # as if the worker had died before it could say so
    assert traces_export() == 1
    found = mlflow.client.search_traces(locations=[mlflow.experiment_id])
    assert [trace.info.client_request_id for trace in found] == [answered.run_id]
    assert len(found[0].data.spans) == 10


def test_a_late_reply_changes_what_the_trace_says_it_cost(answered, mlflow):
    traces_export()
    attempt = Attempt.objects.filter(run_id=answered.run_id).first()
    Attempt.objects.filter(pk=attempt.pk).update(cost_usd=Decimal("0.5"))
    trace_renew(answered.run_id)
    traces_export()
    cost = sum(one.cost_usd for one in Attempt.objects.filter(run_id=answered.run_id))
    assert Decimal(str(read_back(mlflow, answered.run_id).info.cost["total_cost"])).quantize(Decimal("1e-8")) == cost


def test_without_mlflow_nothing_is_noted(know, use_model, run, settings):
    settings.MLFLOW_TRACKING_URI = ""
    use_model(ScriptedModel(assess=[assessment(counts={Factor.NO_KNOWLEDGE: 1})]))
    run("When do you open?")
    assert not RunTrace.objects.exists()
    assert traces_export() == 0
