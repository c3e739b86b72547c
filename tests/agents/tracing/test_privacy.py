"""Personal data of twelve kinds, planted wherever a run takes something in: none of it gets into MLflow."""

from pathlib import Path

import pytest

from agents.models import RunTrace
from agents.services import trace_renew
from agents.tracing.assessments import TraceAssessment
from agents.tracing.daily import days_report
from agents.tracing.exporting import traces_export
from agents.tracing.hiding import personal_remove
from agents.tracing.preparing import prompts_register
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call
from tests.agents.tracing.conftest import everything_stored

PLANTED = {
    "e-mail": "zaphyra.quill@example.com",
    "telephone": "+1 415 555 2671",
    "telephone without country": "020 7946 0958",
    "card": "4111 1111 1111 1111",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "IPv4": "203.0.113.77",
    "IPv6": "2001:db8:85a3::8a2e:370:7334",
    "US social security number": "219-09-9999",
    "UK national insurance number": "AB 12 34 56 C",
    "name": "Zaphyra Quill",
    "address": "74 Thornapple Crescent",
    "account": "OE-77431-ZQ",
}
PERSONAL = {"NAME": (PLANTED["name"],), "ADDRESS": (PLANTED["address"],), "ACCOUNT": (PLANTED["account"],)}
TOLD = ". ".join(f"My {kind} is {value}" for kind, value in PLANTED.items())


def judged(run_id: str) -> list[TraceAssessment]:
    return [TraceAssessment("relevance", 1.0, "LLM_JUDGE", "judge-1", f"She wrote from {PLANTED['e-mail']}.")]


@pytest.fixture
def planted_run(know, use_model, mlflow, run):
    know(HOURS)
    search = [call("search_knowledge", query=f"opening hours for {TOLD}")]
    use_model(
        ScriptedModel(
            gather=[search, "Enough."],
            assess=[assessment(summary=TOLD)],
            compose=["We open at 9 and close at 18. [1]"],
        )
    )
    return run(
        f"When do you open? {TOLD}",
        subject=f"Hours for {PLANTED['name']}",
        salutation=f"Dear {PLANTED['name']},",
        personal=PERSONAL,
        session="cnv_1",
        subject_id="0123456789abcdef",
    )


def test_none_of_twelve_kinds_reaches_mlflow(planted_run, mlflow, settings):
    settings.TRACE_ASSESSORS = [f"{__name__}.judged"]
    trace_renew(planted_run.run_id)
    assert traces_export() == 1
    prompts_register(mlflow)
    assert days_report() > 0
    stored = everything_stored(settings.MLFLOW_TRACKING_URI, Path(settings.MLFLOW_ARTIFACTS.removeprefix("file://")))
    assert "When do you open?" in stored, "it looks at what was written"
    assert "⟨EMAIL" in stored
    found = {kind: value for kind, value in PLANTED.items() if value in stored or value.replace(" ", "") in stored}
    assert found == {}
    assert "Zaphyra" not in stored
    assert "Quill" not in stored


def test_what_waits_here_is_free_of_it_too(planted_run):
    row = RunTrace.objects.get(run=planted_run.run_id)
    assert row.question.startswith("Hours for ⟨NAME_1⟩")
    assert not [kind for kind, value in PLANTED.items() if value in row.question + row.reply]


@pytest.mark.parametrize("kind", [kind for kind in PLANTED if kind not in ("name", "address", "account")])
def test_the_second_look_finds_what_has_a_shape(kind):
    value = {"deep": [f"it is {PLANTED[kind]}, said ⟨NAME_1⟩", {"n": 1}]}
    cleaned = personal_remove(value)
    assert PLANTED[kind] not in str(cleaned)
    assert "said ⟨NAME_1⟩" in cleaned["deep"][0]
    assert cleaned["deep"][1] == {"n": 1}
