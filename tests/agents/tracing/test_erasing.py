"""Whose data is deleted has no trace left, whatever MLflow does at that moment."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from agents.models import RunTrace
from agents.services import traces_erase
from agents.tracing.exporting import traces_export
from omnicqm.common.pseudonyms import pseudonym, pseudonyms
from omnicqm.processes.addresses import free_ports
from tests.agents.scripted import ScriptedModel


@pytest.fixture
def ask(use_model, run):
    use_model(ScriptedModel())
    return lambda **options: run("When do you open?", **options).run_id


def lease_ends() -> None:
    RunTrace.objects.filter(state="erasing").update(due_at=timezone.now())


def in_mlflow(mlflow) -> set[str]:
    return {trace.info.client_request_id for trace in mlflow.client.search_traces(locations=[mlflow.experiment_id])}


def test_their_traces_go_and_others_stay(ask, mlflow):
    hers, other = ask(session="cnv_1", subject_id="hers"), ask(session="cnv_2", subject_id="his")
    traces_export()
    assert traces_erase(subject__in=["hers"]) == 1
    row = RunTrace.objects.get(run=hers)
    assert (row.state, row.question, row.reply, row.calls) == ("erasing", "", "", {})
    assert traces_export() == 0, "somebody may be writing it at this moment"
    lease_ends()
    assert traces_export() == 1
    assert in_mlflow(mlflow) == {other}
    assert RunTrace.objects.get(run=hers).state == "erased"
    assert traces_erase(subject__in=["hers"]) == 0


def test_it_happens_although_mlflow_is_away_then(ask, mlflow, settings, mlflow_uri):
    hers = ask(subject_id="hers")
    traces_export()
    settings.MLFLOW_TRACKING_URI = f"http://127.0.0.1:{free_ports(1)[0]}"
    traces_erase(subject__in=["hers"])
    lease_ends()
    assert traces_export() == 0
    RunTrace.objects.update(created_at=timezone.now() - timedelta(days=3))  # however long that lasts
    settings.MLFLOW_TRACKING_URI = mlflow_uri
    cache.clear()
    lease_ends()
    assert traces_export() == 1
    assert in_mlflow(mlflow) == set()
    assert RunTrace.objects.get(run=hers).state == "erased"


def test_what_was_never_written_is_not_written_any_more(ask, mlflow):
    hers = ask(session="cnv_1")
    traces_erase(session__in=["cnv_1"])
    assert RunTrace.objects.get(run=hers).state == "erased"
    assert traces_export() == 0
    assert in_mlflow(mlflow) == set()


def test_a_trace_that_was_being_written_is_deleted_after(ask, mlflow, monkeypatch):
    hers = ask(session="cnv_1")
    write = mlflow.trace_write

    def erased_meanwhile(trace):
        write(trace)
        traces_erase(session__in=["cnv_1"])

    monkeypatch.setattr(mlflow, "trace_write", erased_meanwhile)
    traces_export()
    assert RunTrace.objects.get(run=hers).state == "erasing"
    lease_ends()
    traces_export()
    assert in_mlflow(mlflow) == set()


def test_a_pseudonym_tells_nobody_and_outlives_a_change_of_keys(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "earlier", []
    before = pseudonym("cus_1")
    assert "cus" not in before
    assert pseudonym("cus_1") == before != pseudonym("cus_2")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "now", ["earlier"]
    assert pseudonym("cus_1") != before
    assert before in pseudonyms("cus_1")
