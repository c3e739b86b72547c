"""Personal data of twelve kinds, planted wherever a run takes something in: none of it gets into MLflow, the log or
/metrics."""

import json
from pathlib import Path

import pytest
from django.core.cache import cache

from agents.errors import ModelUnavailable, ToolError
from agents.models import RunTrace
from agents.privacy import Vault
from agents.services import trace_renew
from agents.tracing.assessments import TraceAssessment
from agents.tracing.daily import days_report
from agents.tracing.exporting import traces_export
from agents.tracing.hiding import personal_remove
from agents.tracing.noting import _cut
from agents.tracing.preparing import prompts_register
from agents.types import Tool
from omnicqm.common.logs import get_logger
from tests.agents.conftest import HOURS
from tests.agents.planted import PERSONAL, PLANTED, TOLD, log_written, planted_in
from tests.agents.scripted import ScriptedModel, assessment, call
from tests.agents.tracing.conftest import everything_stored


def judged(run_id: str) -> list[TraceAssessment]:
    return [TraceAssessment("relevance", 1.0, "LLM_JUDGE", "judge-1", f"She wrote from {PLANTED['e-mail']}.")]


def note() -> dict[str, str]:
    return {"note": TOLD}


def note_fails() -> None:
    raise ToolError(f"There is no note of {TOLD}")


TOOLS = (
    Tool("get_note", "What we noted.", {"type": "object", "properties": {}}, note),
    Tool("get_older_note", "What we noted earlier.", {"type": "object", "properties": {}}, note_fails),
)


@pytest.fixture
def planted(know, use_model, mlflow, run):
    """Runs a question in which, as in its tools' results and its errors, all of it is planted; `lines` replace what the
    model says."""
    know(HOURS)

    def planted(**lines):
        calls = [
            call("search_knowledge", query=f"opening hours for {TOLD}"),
            call("get_note", 2),
            call("get_older_note", 3),
        ]
        script = {
            "gather": [calls, "Enough."],
            "assess": [assessment(summary=TOLD)],
            "compose": ["We open at 9 and close at 18. [1]"],
        }
        use_model(ScriptedModel(**(script | lines)))
        return run(
            f"When do you open? {TOLD}",
            subject=f"Hours for {PLANTED['name']}",
            salutation=f"Dear {PLANTED['name']},",
            personal=PERSONAL,
            tools=TOOLS,
            session="cnv_1",
            subject_id="0123456789abcdef",
        )

    return planted


@pytest.fixture
def planted_run(planted):
    return planted()


@pytest.fixture
def seen(mlflow, settings, client):
    """Everything that MLflow and /metrics know after a run has been traced, judged and reported."""

    def seen(run_id: str) -> dict[str, str]:
        settings.TRACE_ASSESSORS = [f"{__name__}.judged"]
        settings.METRICS_TOKEN = "a-token"
        trace_renew(run_id)
        assert traces_export() == 1
        prompts_register(mlflow)
        assert days_report() > 0
        artifacts = Path(settings.MLFLOW_ARTIFACTS.removeprefix("file://"))
        cache.clear()
        scraped = client.get("/metrics", headers={"Authorization": "Bearer a-token"})
        assert scraped.status_code == 200
        return {
            "MLflow": everything_stored(settings.MLFLOW_TRACKING_URI, artifacts),
            "metrics": scraped.content.decode(),
        }

    return seen


def test_none_of_twelve_kinds_reaches_mlflow_logs_or_metrics(planted, seen):
    with log_written() as lines:
        told = seen(planted().run_id) | {"log": "\n".join(lines)}
    assert "When do you open?" in told["MLflow"], "it looks at what was written"
    assert all(seen in told["MLflow"] for seen in ("⟨EMAIL", "⟨NAME_1⟩", "get_note", "There is no note of"))
    assert 'omnicqm_runs{decision="auto_send",window="5m"} 1.0' in told["metrics"]
    assert told["log"]
    assert {place: planted_in(text) for place, text in told.items() if planted_in(text)} == {}


@pytest.mark.parametrize(
    "lines",
    [
        {"compose": [f"We open at 9 and close at 18. [1] {TOLD}."]},
        {"compose": [f"Thank you, {PLANTED['name']}. We open at 9 and close at 18. [1]"]},
        {"gather": [ModelUnavailable(TOLD)]},
        {"gather": [RuntimeError(TOLD)]},
        {"assess": [TOLD]},
        {"compose": [ValueError(TOLD)]},
    ],
    ids=["reply", "name in the reply", "error of a model", "error of ours", "no assessment", "error while composing"],
)
def test_nor_does_what_was_planted_in_replies_and_in_the_words_of_errors(planted, seen, lines):
    with log_written() as logged:
        told = seen(planted(**lines).run_id) | {"log": "\n".join(logged)}
    assert told["log"]
    assert {place: planted_in(text) for place, text in told.items() if planted_in(text)} == {}


def test_a_name_that_a_model_wrote_in_escapes_is_hidden():
    vault = Vault({"NAME": ["Jürgen Müller"]})
    written = json.dumps({"summary": "Jürgen Müller asks 🙂", "note": "Ms Müller"})
    assert "\\u00fc" in written
    hidden = _cut(written, vault)
    assert json.loads(hidden) == {"summary": "⟨NAME_1⟩ asks 🙂", "note": "Ms ⟨NAME_2⟩"}


def test_the_log_is_looked_at_as_it_is_written():
    with log_written() as lines:
        try:
            raise RuntimeError(TOLD)
        except RuntimeError:
            get_logger("agents.x").exception("run_failed", said=PLANTED["account"])
    assert "RuntimeError" in lines[0]
    assert planted_in(lines[0]) == {"account"}, "what is said is seen; the words of an exception are not written"


def test_what_waits_here_is_free_of_it_too(planted_run):
    row = RunTrace.objects.get(run=planted_run.run_id)
    assert row.question.startswith("Hours for ⟨NAME_1⟩")
    assert planted_in(f"{row.question}{row.reply}{row.calls}") == set()
    assert "⟨EMAIL_1⟩" in str(row.calls)


@pytest.mark.parametrize("kind", [kind for kind in PLANTED if kind not in ("name", "address", "account")])
def test_the_second_look_finds_what_has_a_shape(kind):
    value = {"deep": [f"it is {PLANTED[kind]}, said ⟨NAME_1⟩", {"n": 1}]}
    cleaned = personal_remove(value)
    assert PLANTED[kind] not in str(cleaned)
    assert "said ⟨NAME_1⟩" in cleaned["deep"][0]
    assert cleaned["deep"][1] == {"n": 1}
