"""A run as a waterfall: what it did, when each thing began, how long it took.

Steps of the run and attempts of the ledger are told together, in the order in which they began.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agents.models import Run, RunStep
from omnicqm.common.models import Attempt

WIDTH = 1000  # of a bar's whole line, in units of its drawing
LEAST_BAR = 4
_ICONS = {
    "attempt": "neurology",
    "model": "skip_next",
    "tool": "build",
    "retrieval": "search",
    "assess": "fact_check",
    "gate": "rule",
    "compose": "edit_note",
    "guard": "verified_user",
    "screen": "shield",
    "resume": "history",
}
_TITLES = {
    "model": "Model passed over",
    "assess": "Assessment",
    "gate": "Gate",
    "compose": "Compose",
    "guard": "Guard",
    "screen": "Screening",
    "resume": "Resumed",
}
_PURPOSES = {"gather": "Gather", "assess": "Assess", "compose": "Compose"}


@dataclass(frozen=True)
class Span:
    """One thing the run did. `began_ms` counts from the run's beginning; `kind` is that of a step, `retrieval` or
    `attempt`; `failed` says that it did not go as it should."""

    number: int
    kind: str
    title: str
    hint: str
    began_ms: int
    took_ms: int
    whole_ms: int
    failed: bool = False
    step: RunStep | None = None
    attempt: Attempt | None = None

    @property
    def icon(self) -> str:
        return _ICONS.get(self.kind, "circle")

    @property
    def bar_x(self) -> int:
        return min(WIDTH - LEAST_BAR, round(WIDTH * self.began_ms / self.whole_ms))

    @property
    def bar_width(self) -> int:
        return max(LEAST_BAR, min(WIDTH - self.bar_x, round(WIDTH * self.took_ms / self.whole_ms)))

    @property
    def outcome(self) -> str:
        if self.attempt is not None:
            return self.attempt.error_code or self.attempt.get_outcome_display()
        return "failed" if self.failed else "ok"

    @property
    def arguments(self) -> str:
        """What went in, as text to read; empty when nothing did."""
        return _pretty(self.step.input.get("arguments", self.step.input)) if self.step else ""

    @property
    def output(self) -> str:
        """What came out, as text to read, without the passages: they are shown as such."""
        if self.step is None:
            return ""
        told = {name: value for name, value in self.step.output.items() if name != "passages"}
        if self.step.kind == RunStep.Kind.ASSESS:
            return _pretty(_parsed(told.get("assessment", "")))
        return str(told["text"]) if set(told) == {"status", "text"} else _pretty(told)

    @property
    def passages(self) -> list[dict[str, Any]]:
        return self.step.output.get("passages", []) if self.step else []


@dataclass(frozen=True)
class Timeline:
    """The spans of a run in the order they began; `whole_ms` is how long all of it took."""

    spans: list[Span]
    whole_ms: int
    marks: list[tuple[int, str]] = field(default_factory=list)  # place on the line and words, for the scale


def timeline_of(run: Run, steps: Sequence[RunStep], attempts: Iterable[Attempt]) -> Timeline:
    """From rows that are read already. What was noted late, after the run had ended, makes it longer."""
    begun: list[tuple[datetime, int, RunStep | Attempt]] = [
        *((step.started_at, step.latency_ms, step) for step in steps),
        *((_attempt_began(call), call.latency_ms, call) for call in attempts),
    ]
    start = min([run.started_at, *(at for at, _, _ in begun)])
    ends = [_ms(at - start) + took for at, took, _ in begun]
    whole = max([1, run.latency_ms or 0, *ends])
    ordered = sorted(begun, key=lambda one: (one[0], -one[1]))
    spans = [_span(number, _ms(at - start), whole, row) for number, (at, _, row) in enumerate(ordered, start=1)]
    return Timeline(spans, whole, _marks(whole))


def _span(number: int, began: int, whole: int, row: RunStep | Attempt) -> Span:
    if isinstance(row, Attempt):
        failed = row.outcome != Attempt.Outcome.OK
        title = f"Model: {_PURPOSES.get(row.purpose, row.purpose)}"
        return Span(number, "attempt", title, row.model, began, row.latency_ms, whole, failed, attempt=row)
    kind = "retrieval" if row.kind == RunStep.Kind.TOOL and row.name == "search_knowledge" else row.kind
    title, hint = _step_words(row, kind)
    failed = bool(row.error) or row.output.get("status") == "error"
    return Span(number, kind, title, hint, began, row.latency_ms, whole, failed, step=row)


def _step_words(step: RunStep, kind: str) -> tuple[str, str]:
    if kind == "retrieval":
        found = step.output.get("passages")
        return "Retrieval", "" if found is None else f"{len(found)} passage{'' if len(found) == 1 else 's'}"
    if kind == RunStep.Kind.TOOL:
        return f"Tool: {step.name}", ""
    return _TITLES.get(kind, kind), step.name if kind != RunStep.Kind.ASSESS else ""


def _attempt_began(attempt: Attempt) -> datetime:
    """The ledger notes a call when it has ended."""
    return attempt.at - timedelta(milliseconds=attempt.latency_ms)


def _ms(span: timedelta) -> int:
    return max(0, round(span.total_seconds() * 1000))


def _marks(whole: int) -> list[tuple[int, str]]:
    return [(WIDTH * part // 4, f"{round(whole * part / 4):,} ms") for part in range(5)]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pretty(data: Any) -> str:
    if not data:
        return ""
    return data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False, default=str)
