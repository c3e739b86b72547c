"""MLflow, and all that is known here of it. Imported by side work alone: the package takes seconds and 150 MB.

A trace goes to MLflow's tracking store as one piece: its ids are made from the run's, so that writing it again changes
the same trace. (`mlflow.start_span` would make ids of its own, and tell of a failure only in a log.)
"""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from ulid import ULID

from agents.tracing.assessments import TraceAssessment
from agents.tracing.spans import Trace, TraceSpan

EXPERIMENT = "omnicqm"
SECONDS = 5  # for one statement or request
PREVIEW_CHARS = 1_000
_MAX_TAG = 4_000
_stores: dict[str, "TraceStore"] = {}
_AT_ONCE = 100  # traces deleted with one call
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",  # our own logs stay as they are
    "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": str(SECONDS),
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "2",
    "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": "2",
}


class TraceStore:
    """Experiment ``omnicqm`` of the MLflow at `uri`: ``http(s)://…``, or ``postgresql+psycopg://…`` without a server.

    Methods raise whatever MLflow raises; each statement or request has `SECONDS`.
    """

    def __init__(self, uri: str) -> None:
        os.environ.update(_ENVIRONMENT)
        self._uri = _limited(uri)

    @cached_property
    def client(self) -> Any:
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self._uri, registry_uri=self._uri)

    @cached_property
    def _tracing(self) -> Any:
        from mlflow.tracing.client import TracingClient

        return TracingClient(self._uri)

    @cached_property
    def experiment_id(self) -> str:
        return self.experiment_ensure(EXPERIMENT)

    def experiment_ensure(self, name: str) -> str:
        """The id of this experiment, which is made when there is none."""
        found = self.client.get_experiment_by_name(name)
        if found is None:
            place = settings.MLFLOW_ARTIFACTS
            return str(self.client.create_experiment(name, artifact_location=place or None))
        return str(found.experiment_id)

    def answer_check(self) -> None:
        """Raises when MLflow does not answer. A database is asked without MLflow first, which would try to reach it for
        100 seconds."""
        if self._uri.startswith("postgresql"):
            with psycopg.connect(self._uri.replace("+psycopg", "", 1)) as database:
                database.execute("SELECT 1")
        self.client.get_experiment_by_name(EXPERIMENT)

    def trace_write(self, trace: Trace) -> None:
        """Write `trace` with its assessments; the same run's earlier one must be deleted before."""
        spans = [_span(trace, span, self.experiment_id) for span in trace.spans]
        self._tracing.start_trace(_info(trace, self.experiment_id))
        self._tracing.log_spans(self.experiment_id, spans)
        for assessment in trace.assessments:
            self._tracing.log_assessment(trace_id(trace.run_id), _feedback(assessment))

    def traces_delete(self, run_ids: Iterable[str]) -> None:
        """Delete the traces of these runs, as far as there are any."""
        ids = [trace_id(run_id) for run_id in run_ids]
        for start in range(0, len(ids), _AT_ONCE):
            self._tracing.delete_traces(self.experiment_id, trace_ids=ids[start : start + _AT_ONCE])

    def traces_purge(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` traces of runs that began `before`; returns how many."""
        moment = round(before.timestamp() * 1000)
        deleted = self._tracing.delete_traces(self.experiment_id, max_timestamp_millis=moment, max_traces=most)
        return int(deleted)


def store_get() -> TraceStore:
    """The store that settings name, one in each process."""
    return _stores.setdefault(settings.MLFLOW_TRACKING_URI, TraceStore(settings.MLFLOW_TRACKING_URI))


def store_forget() -> None:
    """Whoever asks next asks MLflow anew for all that was known of it."""
    _stores.clear()


def trace_id(run_id: str) -> str:
    """MLflow's id of the trace of a run."""
    return f"tr-{_number(run_id):032x}"


def _number(run_id: str) -> int:
    return int(ULID.from_str(run_id.partition("_")[2].upper()))


def _span_number(trace: Trace, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{trace.run_id}:{key}".encode()).digest()[:8]) or 1


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1_000


def _span(trace: Trace, span: TraceSpan, experiment_id: str) -> Any:
    from mlflow.entities import Span
    from mlflow.tracing.utils import build_otel_context, dump_span_attribute_value
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status, StatusCode

    attributes = {
        "mlflow.traceRequestId": trace_id(trace.run_id),
        "mlflow.experimentId": experiment_id,
        "mlflow.spanType": span.type,
        "mlflow.spanInputs": span.inputs,
        "mlflow.spanOutputs": span.outputs,
        **span.attributes,
    }
    number = _number(trace.run_id)
    return Span(
        ReadableSpan(
            name=span.name,
            context=build_otel_context(number, _span_number(trace, span.key)),
            parent=build_otel_context(number, _span_number(trace, span.parent)) if span.parent else None,
            resource=Resource.get_empty(),  # it would find out about this machine, for each span
            attributes={name: dump_span_attribute_value(value) for name, value in attributes.items()},
            start_time=_nanoseconds(span.started),
            end_time=_nanoseconds(max(span.started, span.ended)),
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.OK),
        )
    )


def _info(trace: Trace, experiment_id: str) -> Any:
    from mlflow.entities import TraceInfo, TraceLocation, TraceState
    from mlflow.tracing.utils import dump_span_attribute_value

    root = trace.root
    metadata = {
        "mlflow.trace.session": trace.session,
        "mlflow.trace.user": trace.subject,
        "mlflow.trace.tokenUsage": dump_span_attribute_value(trace.tokens),
        "mlflow.trace.cost": dump_span_attribute_value({"total_cost": float(trace.cost)}),
    }
    return TraceInfo(
        trace_id=trace_id(trace.run_id),
        trace_location=TraceLocation.from_experiment_id(experiment_id),
        request_time=round(root.started.timestamp() * 1000),
        execution_duration=round((root.ended - root.started).total_seconds() * 1000),
        state=TraceState.ERROR if root.error else TraceState.OK,
        client_request_id=trace.run_id,
        request_preview=root.inputs["message"][:PREVIEW_CHARS],
        response_preview=root.outputs["reply"][:PREVIEW_CHARS],
        trace_metadata={name: value for name, value in metadata.items() if value},
        tags={
            "mlflow.traceName": root.name,
            "mlflow.trace.spansLocation": "TRACKING_STORE",
            **{name: value[:_MAX_TAG] for name, value in trace.tags.items()},
        },
    )


def _feedback(assessment: TraceAssessment) -> Any:
    from mlflow.entities import AssessmentSource, Feedback

    return Feedback(
        name=assessment.name,
        value=assessment.value,
        rationale=assessment.rationale or None,
        source=AssessmentSource(source_type=assessment.source, source_id=assessment.source_id),
        create_time_ms=round(assessment.at.timestamp() * 1000) if assessment.at else None,
    )


def _limited(uri: str) -> str:
    """`uri` with limits on how long a database may let us wait; servers are limited by the environment."""
    if not uri.startswith("postgresql"):
        return uri
    options = quote(f"-c statement_timeout={SECONDS}s -c lock_timeout={SECONDS - 2}s")
    limits = f"connect_timeout={SECONDS - 2}&tcp_user_timeout={SECONDS}000&options={options}"
    return f"{uri}{'&' if '?' in uri else '?'}{limits}"
