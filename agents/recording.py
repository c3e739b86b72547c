"""What a run leaves behind: its row, a row per step as it happens, a row per call to a model."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.errors import ModelTimeout
from agents.models import Run, RunStep
from agents.providers.base import ModelProvider, ModelReply, Purpose, Usage
from omnicqm.common.errors import OmniError
from omnicqm.common.models import Attempt

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

    def attempt_done(self, purpose: Purpose, reply: ModelReply, started: float) -> None: ...

    def attempt_failed(self, purpose: Purpose, provider: ModelProvider, error: Exception, started: float) -> None: ...


@dataclass
class RunRecorder:
    """Writes the steps and attempts of `run` at once, outside any transaction, so that a killed run shows how far it
    came. Adds up what the calls cost."""

    run: Run
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    model: str = ""

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

    def attempt_done(self, purpose: Purpose, reply: ModelReply, started: float) -> None:
        used = reply.usage
        self.model = reply.model
        self.usage = Usage(
            self.usage.input_tokens + used.input_tokens,
            self.usage.output_tokens + used.output_tokens,
            self.usage.cache_read_tokens + used.cache_read_tokens,
            self.usage.cache_write_tokens + used.cache_write_tokens,
            self.usage.cost_usd + used.cost_usd,
        )
        self._attempt_write(purpose, reply.provider, reply.model, started, Attempt.Outcome.OK, usage=used)

    def attempt_failed(self, purpose: Purpose, provider: ModelProvider, error: Exception, started: float) -> None:
        outcome = Attempt.Outcome.TIMEOUT if isinstance(error, ModelTimeout) else Attempt.Outcome.ERROR
        code = error.code if isinstance(error, OmniError) else type(error).__name__[:40]
        self._attempt_write(purpose, provider.name, provider.model, started, outcome, code=code)

    def _attempt_write(
        self,
        purpose: Purpose,
        provider: str,
        model: str,
        started: float,
        outcome: Attempt.Outcome,
        *,
        usage: Usage | None = None,
        code: str = "",
    ) -> None:
        used = usage or Usage()
        Attempt.objects.create(
            purpose=purpose,
            provider=provider,
            model=model,
            scope=self.run.scope,
            run_id=self.run.id,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cache_read_tokens=used.cache_read_tokens,
            cache_write_tokens=used.cache_write_tokens,
            cost_usd=used.cost_usd,
            latency_ms=_milliseconds_since(started),
            outcome=outcome,
            error_code=code,
        )


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
