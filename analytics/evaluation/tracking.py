"""Evaluations in MLflow, where that is configured: a run for each configuration, with figures and files."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from agents.tracing.store import TraceStore, store_get
from analytics.evaluation.results import Result

EXPERIMENT = "omnicqm-evaluation"
_NAME = re.compile(r"[^\w\-. :/]+")  # what MLflow does not take in the name of a metric


def results_track(results: Sequence[Result], files: Sequence[Path]) -> str:
    """Log them; returns a sentence about what became of it. Should MLflow fail, the figures are told all the same."""
    if not settings.MLFLOW_TRACKING_URI:
        return "Not logged to MLflow: MLFLOW_TRACKING_URI is not set."
    try:
        store = store_get()
        store.answer_check()
        for name in dict.fromkeys(result.configuration for result in results):
            _track(store, name, [result for result in results if result.configuration == name], files)
    except Exception as error:
        return f"Not logged to MLflow: {type(error).__name__}."
    return f"Logged to MLflow, experiment {EXPERIMENT}."


def _track(store: TraceStore, name: str, results: Sequence[Result], files: Sequence[Path]) -> None:
    client: Any = store.client
    tags = {"configuration": name, "suites": ", ".join(result.suite for result in results)}
    run_id = client.create_run(store.experiment_ensure(EXPERIMENT), run_name=name, tags=tags).info.run_id
    for metric, value in _metrics(results).items():
        client.log_metric(run_id, metric, value)
    for file in files:
        client.log_artifact(run_id, str(file))
    client.set_terminated(run_id)


def _metrics(results: Sequence[Result]) -> Mapping[str, float]:
    metrics: dict[str, float] = {}
    for result in results:
        for figure in result.figures:
            found, name = figure.estimate, _NAME.sub("_", f"{result.suite}/{figure.name}")
            if not math.isnan(found.value):
                metrics |= {name: found.value, f"{name} low": found.low, f"{name} high": found.high}
    return metrics
