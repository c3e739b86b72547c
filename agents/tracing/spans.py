"""A run as a trace: its rows become spans with their real times, in plain data that knows nothing of MLflow.

Names and attributes are those of MLflow 3 (SpanType, ``mlflow.chat.tokenUsage``, ``mlflow.llm.cost``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.models import Run, RunStep, RunTrace
from agents.tools.own import SEARCH
from agents.tracing.assessments import TraceAssessment
from agents.tracing.hiding import personal_remove
from omnicqm.common.models import Attempt

ROOT = "run"
_TYPES = {
    RunStep.Kind.MODEL: "CHAT_MODEL",
    RunStep.Kind.TOOL: "TOOL",
    RunStep.Kind.ASSESS: "PARSER",
    RunStep.Kind.GATE: "GATE",
    RunStep.Kind.COMPOSE: "COMPOSE",
    RunStep.Kind.GUARD: "GUARDRAIL",
    RunStep.Kind.SCREEN: "GUARDRAIL",
    RunStep.Kind.RESUME: "MEMORY",
}


@dataclass(frozen=True)
class TraceSpan:
    """One span. `key` is unique in its trace and the same whenever the trace is made; `parent` is a key."""

    key: str
    name: str
    type: str
    started: datetime
    ended: datetime
    parent: str = ROOT
    inputs: Any = None
    outputs: Any = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Trace:
    """A trace to be written. `tokens` and `cost` are the sums over its model attempts, as the ledger has them."""

    run_id: str
    spans: Sequence[TraceSpan]
    session: str
    subject: str
    tokens: Mapping[str, int]
    cost: Decimal
    tags: Mapping[str, str]
    assessments: Sequence[TraceAssessment] = ()

    @property
    def root(self) -> TraceSpan:
        return self.spans[0]


def trace_make(row: RunTrace, assessments: Sequence[TraceAssessment] = ()) -> Trace:
    """The trace of ``row.run``, root first, without anything personal."""
    run = row.run
    attempts = list(Attempt.objects.filter(run_id=run.pk).order_by("at", "id"))
    steps = [_step_span(step) for step in run.steps.all()]
    inner = [*steps, *_attempt_spans(attempts, steps, row.calls), *_judge_spans(assessments)]
    spans = [_root_span(row, inner), *inner]
    return Trace(
        run_id=run.pk,
        spans=[_cleaned(span) for span in spans],
        session=row.session,
        subject=row.subject,
        tokens=_tokens(attempts),
        cost=sum((attempt.cost_usd for attempt in attempts), Decimal(0)),
        tags=_tags(run),
        assessments=[replace(found, rationale=personal_remove(found.rationale)) for found in assessments],
    )


def _root_span(row: RunTrace, inner: Sequence[TraceSpan]) -> TraceSpan:
    run = row.run
    ended = run.finished_at or max((span.ended for span in inner), default=run.started_at)
    decided = {
        name: getattr(run, name)
        for name in ("decision", "score", "threshold", "support", "category", "reasons", "blockers", "error_code")
    }
    factors = {name: finding.get("count") for name, finding in run.factors.items()}
    versions = {"prompt_version": run.prompt_version, "prompt_hash": run.prompt_hash, "model_used": run.model_used}
    return TraceSpan(
        key=ROOT,
        name="run",
        type="AGENT",
        parent="",
        started=run.started_at,
        ended=ended,
        inputs={"message": row.question},
        outputs={"reply": row.reply, **decided, "factors": factors, "sources": [_source(one) for one in run.sources]},
        attributes={"scope": run.scope, "latency_ms": run.latency_ms, **versions},
        error=run.error_code,
    )


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    """Which passage, not what it says."""
    return {name: source.get(name) for name in ("document_id", "version", "chunk_id", "score")}


def _step_span(step: RunStep) -> TraceSpan:
    is_search = step.kind == RunStep.Kind.TOOL and step.name == SEARCH
    return TraceSpan(
        key=step.pk,
        name=step.name if step.kind in (RunStep.Kind.TOOL, RunStep.Kind.MODEL) else f"{step.kind} {step.name}",
        type="RETRIEVER" if is_search else _TYPES[RunStep.Kind(step.kind)],
        started=step.started_at,
        ended=step.started_at + timedelta(milliseconds=step.latency_ms),
        inputs=step.input,
        outputs=_documents(step.output) if is_search else step.output,
        attributes={"step": step.index},
        error=step.error,
    )


def _documents(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a search found, in MLflow's form of documents: by id and hash; the texts are in the knowledge base."""
    told = ("document_id", "external_id", "version", "chunk_id", "relevance", "sha256")
    return [
        {"page_content": passage.get("title", ""), "metadata": {name: passage.get(name) for name in told}}
        for passage in output.get("passages", [])
    ]


def _attempt_spans(
    attempts: Sequence[Attempt], steps: Sequence[TraceSpan], calls: Mapping[str, Mapping[str, Any]]
) -> Iterator[TraceSpan]:
    """A span for each call of a model, with what it was told and answered as far as that was noted; `fallback_reason`
    is why the one before, for the same purpose, did not do."""
    failed: dict[str, str] = {}
    for number, attempt in enumerate(attempts, start=1):
        span = _attempt_span(attempt, number, failed.get(attempt.purpose, ""), steps)
        yield _told(span, calls.get(attempt.pk, {}))
        is_ok = attempt.outcome == Attempt.Outcome.OK
        failed[attempt.purpose] = "" if is_ok else attempt.error_code or attempt.outcome


def _attempt_span(attempt: Attempt, number: int, fallback: str, steps: Sequence[TraceSpan]) -> TraceSpan:
    started = attempt.at - timedelta(milliseconds=attempt.latency_ms)
    around = [step for step in steps if step.type == "COMPOSE" and step.started <= attempt.at <= step.ended]
    noted = {"first_byte_ms": attempt.first_byte_ms, "tier": attempt.tier, "price_version": attempt.price_version}
    return TraceSpan(
        key=attempt.pk,
        name=f"{attempt.purpose} by {attempt.model}",
        type="CHAT_MODEL",
        parent=around[0].key if around else ROOT,
        started=started,
        ended=attempt.at,
        inputs={"purpose": attempt.purpose, "prompts": ["system", attempt.purpose]},
        outputs={"outcome": attempt.outcome},
        attributes={
            "mlflow.chat.tokenUsage": _tokens([attempt]),
            "mlflow.llm.cost": {"total_cost": float(attempt.cost_usd)},
            "mlflow.llm.model": attempt.model,
            "mlflow.llm.provider": attempt.provider,
            "attempt": number,
            **({"fallback_reason": fallback} if fallback else {}),
            **{name: value for name, value in noted.items() if value},
        },
        error=(attempt.error_code or attempt.outcome) if attempt.outcome != Attempt.Outcome.OK else "",
    )


def _told(span: TraceSpan, call: Mapping[str, Any]) -> TraceSpan:
    """`span` with the messages of its call, in the form in which MLflow shows a chat."""
    if not call:
        return span
    inputs = {**span.inputs, "messages": [{"role": "user", "content": call["told"]}]}
    if "answered" not in call:
        return replace(span, inputs=inputs)
    used = [
        {"id": str(number), "type": "function", "function": tool} for number, tool in enumerate(call.get("tools", ()))
    ]
    message = {"role": "assistant", "content": call["answered"], **({"tool_calls": used} if used else {})}
    return replace(span, inputs=inputs, outputs={**span.outputs, "messages": [message]})


def _judge_spans(assessments: Sequence[TraceAssessment]) -> Iterator[TraceSpan]:
    """Those who told when they judged; what they cost is in the ledger under their own names."""
    for number, found in enumerate(assessments):
        if found.started_at and found.ended_at:
            yield TraceSpan(
                key=f"assessment:{number}",
                name=f"judge {found.name}",
                type="EVALUATOR",
                started=found.started_at,
                ended=found.ended_at,
                outputs={"value": found.value, "rationale": found.rationale},
                attributes={"source": found.source_id, **found.details},
            )


def _tokens(attempts: Sequence[Attempt]) -> dict[str, int]:
    """MLflow counts what came from a cache or went into one as input; so do runs."""
    read = sum(attempt.cache_read_tokens for attempt in attempts)
    written = sum(attempt.cache_write_tokens for attempt in attempts)
    given = sum(attempt.input_tokens for attempt in attempts) + read + written
    made = sum(attempt.output_tokens for attempt in attempts)
    cached = {"cache_read_input_tokens": read, "cache_creation_input_tokens": written} if read or written else {}
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made, **cached}


def _tags(run: Run) -> dict[str, str]:
    """What traces are searched by."""
    tags = {
        "run": run.pk,
        "scope": run.scope,
        "decision": run.decision or run.error_code,
        "category": run.category,
        "model": run.model_used,
        "prompt_version": run.prompt_version,
        "prompt_hash": run.prompt_hash,
        "score": "" if run.score is None else str(run.score),
    }
    return {f"omnicqm.{name}": value for name, value in tags.items() if value}


def _cleaned(span: TraceSpan) -> TraceSpan:
    return replace(
        span,
        name=personal_remove(span.name),
        inputs=personal_remove(span.inputs),
        outputs=personal_remove(span.outputs),
        error=personal_remove(span.error),
    )
