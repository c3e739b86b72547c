"""Evaluations in MLflow, where that is installed and configured: a run for each configuration, figures and files."""

import importlib
import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from analytics.evaluation.results import Result

EXPERIMENT = "omnicqm-evaluation"
_NAME = re.compile(r"[^\w\-. :/]+")  # what MLflow does not take in the name of a metric


def results_track(results: Sequence[Result], files: Sequence[Path]) -> str:
    """Log them; returns a sentence about what became of it. Should MLflow fail, the figures are told all the same."""
    uri = tracking_uri()
    if not uri:
        return "Not logged to MLflow: MLFLOW_TRACKING_URI is not set."
    mlflow = _mlflow()
    if mlflow is None:
        return "Not logged to MLflow: it is not installed."
    try:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(EXPERIMENT)
        for name in dict.fromkeys(result.configuration for result in results):
            _track(mlflow, name, [result for result in results if result.configuration == name], files)
    except Exception as error:
        return f"Not logged to MLflow: {type(error).__name__}."
    return f"Logged to MLflow, experiment {EXPERIMENT}."


def tracking_uri() -> str:
    """Where MLflow is; empty when it is not configured."""
    return str(getattr(settings, "MLFLOW_TRACKING_URI", "") or os.environ.get("MLFLOW_TRACKING_URI", ""))


def _track(mlflow: Any, name: str, results: Sequence[Result], files: Sequence[Path]) -> None:
    with mlflow.start_run(run_name=name):
        mlflow.set_tags({"configuration": name, "suites": ", ".join(result.suite for result in results)})
        mlflow.log_metrics(_metrics(results))
        for file in files:
            mlflow.log_artifact(str(file))


def _metrics(results: Sequence[Result]) -> Mapping[str, float]:
    metrics: dict[str, float] = {}
    for result in results:
        for figure in result.figures:
            found, name = figure.estimate, _NAME.sub("_", f"{result.suite}/{figure.name}")
            if not math.isnan(found.value):
                metrics |= {name: found.value, f"{name} low": found.low, f"{name} high": found.high}
    return metrics


def _mlflow() -> Any | None:
    """The package, loaded when it is needed: it takes seconds."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        return importlib.import_module("mlflow")
    except ImportError:
        return None
