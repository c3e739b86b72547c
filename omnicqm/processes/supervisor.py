"""Keeps a set of services running: starts them, restarts what dies, stops them in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from omnicqm.processes.children import child_await
from omnicqm.processes.errors import CannotStart
from omnicqm.processes.logfiles import LogFolder

TICK_SECONDS = 0.25
TRIM_SECONDS = 30
READY_SECONDS = 180
GIVE_UP_AFTER = 3  # deaths before the first readiness
FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
STEADY_SECONDS = 30  # a child that ran this long starts again without delay


@dataclass(frozen=True)
class Service:
    """A program to keep running. `start` writes its output to the given file; `patience` is in seconds."""

    name: str
    start: Callable[[IO[bytes]], subprocess.Popen[bytes]]
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 8


class _Child:
    """A service's current process and its history of deaths."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self.started_at = 0.0
        self.start_at = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self, now: float) -> None:
        if now - self.started_at > STEADY_SECONDS:
            self.deaths = 0
        self.start_at = now + min(FIRST_DELAY * 2**self.deaths, LONGEST_DELAY)
        self.deaths += 1
        self.process = None


class Supervisor:
    """Services in stages: a stage starts after the one before is ready, and stops before it.

    `on_change` is told the process ids by name whenever one has changed, `say` one line about every restart.
    """

    def __init__(
        self, logs: LogFolder, *, on_change: Callable[[dict[str, int]], None], say: Callable[[str], None]
    ) -> None:
        self._logs = logs
        self._on_change = on_change
        self._say = say
        self._stages: list[list[_Child]] = []

    @property
    def _children(self) -> list[_Child]:
        return [child for stage in self._stages for child in stage]

    def stage_start(self, services: list[Service]) -> None:
        """Start `services` together and wait until all are ready.

        Raises `CannotStart` with the end of the log when one keeps dying or is not ready in time.
        """
        stage = [_Child(service) for service in services]
        self._stages.append(stage)
        deadline = time.monotonic() + READY_SECONDS
        waiting = list(stage)
        while waiting:
            self.tick()
            waiting = [child for child in waiting if not (child.is_running and child.service.is_ready())]
            for child in waiting:
                self._give_up_on(child, late=time.monotonic() > deadline)
            time.sleep(0.05)

    def _give_up_on(self, child: _Child, *, late: bool) -> None:
        name = child.service.name
        if child.deaths < GIVE_UP_AFTER and not late:
            return
        what = f"was not ready within {READY_SECONDS} seconds" if late else f"stopped {child.deaths} times"
        raise CannotStart(f"{name} {what} while starting. See {self._logs.path(name)}:\n{self._logs.tail(name)}")

    def watch(self) -> None:
        """Restart what dies, for ever; a signal's exception ends it."""
        trimmed_at = time.monotonic()
        while True:
            self.tick()
            if time.monotonic() - trimmed_at > TRIM_SECONDS:
                with suppress(OSError):
                    self._logs.trim()
                trimmed_at = time.monotonic()
            time.sleep(TICK_SECONDS)

    def tick(self) -> None:
        """Notice deaths, start what is due."""
        changed = False
        for child in self._children:
            now = time.monotonic()
            if child.process is not None and child.process.poll() is not None:
                self._say(f"{child.service.name} ended ({_ending(child.process.returncode)}); it is started again.")
                child.note_death(now)
            if child.process is None and now >= child.start_at:
                self._start(child)
                changed = True
        if changed:
            self._on_change(self.process_ids())

    def _start(self, child: _Child) -> None:
        child.started_at = time.monotonic()
        try:
            with self._logs.open(child.service.name) as log:
                child.process = child.service.start(log)
        except OSError as error:  # no memory, no space: the others go on
            self._say(f"{child.service.name} cannot be started: {error}.")
            child.note_death(child.started_at)

    def process_ids(self) -> dict[str, int]:
        return {child.service.name: child.process.pid for child in self._children if child.process}

    def stop(self) -> None:
        """Stop the stages in reverse order; the services of a stage stop together."""
        for stage in reversed(self._stages):
            running = [(child.service, child.process) for child in stage if child.process]
            for service, process in running:
                if process.poll() is None:
                    process.send_signal(service.stop_signal)
            for service, process in running:
                child_await(process, patience=service.patience)
        self._stages.clear()


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
