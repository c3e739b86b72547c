"""The way from a run to its trace in MLflow."""

from urllib.parse import quote

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agents.models import Run, RunTrace
from agents.tracing.store import trace_id
from omnicqm.processes.home import state_read
from omnicqm.processes.mlflow_ui import NAME

WORDS = {
    "": "Not traced",
    RunTrace.State.PENDING: "Waits to be written",
    RunTrace.State.EXPORTED: "Written; MLflow's pages are not running (make run UI=mlflow)",
    RunTrace.State.DROPPED: "Dropped, since MLflow did not take it in time",
    RunTrace.State.ERASING: "Being deleted, at the customer's wish",
    RunTrace.State.ERASED: "Deleted at the customer's wish",
}


def trace_show(run: Run) -> str | SafeString:
    """A link to the trace of `run`, or in words why there is none."""
    row = RunTrace.objects.filter(run=run.pk).first()
    pages = pages_url()
    if row is None or row.state != RunTrace.State.EXPORTED or not pages:
        return WORDS[row.state if row else ""]
    place = f"#/experiments/{quote(row.experiment_id)}/traces?selectedEvaluationId={trace_id(run.pk)}"
    return format_html(
        '<a href="{}/{}" class="text-primary-600 dark:text-primary-500">Show in MLflow</a>', pages, place
    )


def pages_url() -> str:
    """Where MLflow's pages are, if anywhere: started with the installation, or at an address of their own."""
    state = state_read(settings.OMNICQM_HOME)
    if state and NAME in state.children:
        return str(settings.MLFLOW_PAGES_EMBEDDED)
    return str(settings.MLFLOW_PAGES)
