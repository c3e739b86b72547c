"""What a run leaves behind: its row, and a row per step as it happens. (`agents.routing` writes a row per call.)"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from agents.models import Run, RunStep
from agents.privacy import Vault
from agents.storable import storable, text_storable
from agents.tracing.noting import Calls
from omnicqm.common.errors import OmniError

MAX_STORED_CHARS = 4_000
MAX_STORED_ITEMS = 50


@dataclass
class StepNote:
    """What a step wants remembered of its outcome."""

    output: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    ms: int | None = None  # when the step took place before it is noted
    began: datetime | None = None  # likewise


class Recorder(Protocol):
    """Watches a run from outside; the loop knows nothing of tables."""

    def step(self, kind: str, name: str, **noted: Any) -> Any:
        """Context of one step; yields a `StepNote`."""


@dataclass
class RunRecorder:
    """Writes the steps of `run` at once, outside any transaction, so that a killed run shows how far it came.

    Steps are a trace: long texts are cut, and personal data is hidden by `vault`. `calls` are kept for it too.
    """

    run: Run
    vault: Vault = field(default_factory=Vault)
    calls: Calls = field(default_factory=Calls)
    steps: int = 0

    def model_skipped(self, alias: str, reason: str) -> None:
        """A model was passed over without a call."""
        with self.step("model", f"{alias} passed over") as note:
            note.output = {"reason": reason}

    @contextmanager
    def step(self, kind: str, name: str, **noted: Any) -> Iterator[StepNote]:
        note, started, began = StepNote(), time.monotonic(), timezone.now()
        try:
            yield note
        except OmniError as error:
            note.error = error.message
            raise
        except Exception as error:
            note.error = type(error).__name__
            raise
        finally:
            took = _milliseconds_since(started) if note.ms is None else note.ms
            self._step_write(kind, name, noted, note, note.began or began, took)

    def _step_write(
        self, kind: str, name: str, noted: Mapping[str, Any], note: StepNote, began: datetime, took: int
    ) -> None:
        RunStep.objects.create(
            run=self.run,
            index=self.steps,
            kind=kind,
            name=text_storable(name)[:60],
            input=self._storable(noted),
            output=self._storable(note.output),
            error=self.vault.hide(note.error)[:300],
            started_at=began,
            latency_ms=took,
        )
        self.steps += 1

    def _storable(self, value: Any) -> Any:
        return storable(value, self._text, most=MAX_STORED_ITEMS)

    def _text(self, text: str) -> str:
        return text_storable(self.vault.hide(text[: 2 * MAX_STORED_CHARS])[:MAX_STORED_CHARS])


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
