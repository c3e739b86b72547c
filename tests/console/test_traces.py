"""The way from a run's page to its trace, or the words why there is none."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agents.models import Run, RunTrace
from agents.tracing.store import trace_id
from omnicqm.processes.home import State, state_write
from tests.console.people import admin_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, settings, tmp_path):
    """The text of a run's page, whose trace is as given."""
    client.force_login(admin_make())
    settings.OMNICQM_HOME = tmp_path

    def page(**trace) -> tuple[str, Run]:
        run = Run.objects.create(
            scope="channel:outlook", state="finished", decision="escalate", score=0, threshold=80,
            finished_at=timezone.now(),
        )  # fmt: skip
        if trace:
            RunTrace.objects.create(run=run, **trace)
        return client.get(reverse("admin:agents_run_change", args=[run.pk])).content.decode(), run

    return page


def test_a_written_trace_is_linked_where_mlflows_pages_are(page, settings):
    settings.MLFLOW_PAGES = "https://mlflow.example"
    text, run = page(state="exported", experiment_id="3")
    place = f"https://mlflow.example/#/experiments/3/traces?selectedEvaluationId={trace_id(run.pk)}"
    assert f'href="{place}"' in text


def test_pages_of_this_installation_are_linked_while_they_run(page, settings, tmp_path):
    settings.MLFLOW_PAGES, settings.MLFLOW_PAGES_EMBEDDED = "", "http://127.0.0.1:4711"
    text, _ = page(state="exported", experiment_id="1")
    assert "MLflow&#x27;s pages are not running" in text
    state_write(tmp_path, State.of_this_process("http://localhost:8000", {"mlflow-ui": 1}, ()))
    text, _ = page(state="exported", experiment_id="1")
    assert 'href="http://127.0.0.1:4711/#/experiments/1/traces' in text


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        ({}, "Not traced"),
        ({"state": "pending"}, "Waits to be written"),
        ({"state": "dropped"}, "Dropped, since MLflow did not take it in time"),
        ({"state": "erased"}, "Deleted at the customer&#x27;s wish"),
    ],
)
def test_otherwise_the_reason_is_told(page, settings, trace, told):
    settings.MLFLOW_PAGES = "https://mlflow.example"
    assert told in page(**trace)[0]
