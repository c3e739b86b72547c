"""What a run leaves behind: its row, and a row per step as it happens. (`agents.routing` writes a row per call.)"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.models import Run, RunStep
from omnicqm.common.errors import OmniError

MAX_STORED_CHARS = 4_000


@dataclass
class StepNote:
    """What a step wants remembered of its outcome."""

    output: dict[str, Any] = field(default_factory=dict)
    error: str = ""


class Recorder(Protocol):
    """Watches a run from outside; the loop knows nothing of tables."""

    def step(self, kind: str, name: str, **noted: Any) -> Any:
        """Context of one step; yields a `StepNote`."""


@dataclass
class RunRecorder:
    """Writes the steps of `run` at once, outside any transaction, so that a killed run shows how far it came."""

    run: Run
    steps: int = 0

    def model_skipped(self, alias: str, reason: str) -> None:
        """A model was passed over without a call."""
        with self.step("model", f"{alias} passed over") as note:
            note.output = {"reason": reason}

    @contextmanager
    def step(self, kind: str, name: str, **noted: Any) -> Iterator[StepNote]:
        note, started = StepNote(), time.monotonic()
        try:
            yield note
        except OmniError as error:
            note.error = error.message
            raise
        except Exception as error:
            note.error = type(error).__name__
            raise
        finally:
            self._step_write(kind, name, noted, note, started)

    def _step_write(self, kind: str, name: str, noted: Mapping[str, Any], note: StepNote, started: float) -> None:
        RunStep.objects.create(
            run=self.run,
            index=self.steps,
            kind=kind,
            name=name[:60],
            input=_shorten(noted),
            output=_shorten(note.output),
            error=note.error[:300],
            latency_ms=_milliseconds_since(started),
        )
        self.steps += 1


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _shorten(value: Any) -> Any:
    """`value` fit for a JSON column: long texts cut, what PostgreSQL refuses taken out."""
    if isinstance(value, str):
        return value[:MAX_STORED_CHARS].replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {str(key): _shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shorten(item) for item in list(value)[:50]]
    return value
