"""Time that passes only when everybody waits for it, and lanes it watches: hours of hanging take milliseconds."""

from queue import Empty
from threading import Condition
from typing import Any

from agents.routing.clock import Clock
from agents.routing.lanes import Lane

_PATIENCE = 10.0  # real seconds after which a test that waits for nothing fails


class SimulatedClock(Clock):
    """`busy` counts the calls that work; while there are none, time jumps to the next moment somebody waits for."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._busy = 0
        self._asleep: list[float] = []
        self._changed = Condition()

    def now(self) -> float:
        return self.time

    def wall(self) -> float:
        return self.time

    def begin(self) -> None:
        with self._changed:
            self._busy += 1

    def end(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """For a model: think for `seconds` of simulated time."""
        wake = self.time + seconds
        with self._changed:
            self._asleep.append(wake)
            self._busy -= 1
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: wake <= self.time, timeout=60)

    def pass_to(self, moment: float) -> None:
        """Let time pass and wake those whose time has come."""
        with self._changed:
            self.time = max(self.time, moment)
            woken = [wake for wake in self._asleep if wake <= self.time]
            self._asleep = [wake for wake in self._asleep if wake > self.time]
            self._busy += len(woken)
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait, really, until no call works any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._busy == 0, timeout=_PATIENCE)

    def take(self, inbox: Any, until: float) -> Any:
        while True:
            self.settle()
            try:
                return inbox.get_nowait()
            except Empty:
                if self.time >= until:
                    return None
            self.pass_to(min([until, *self._asleep]))


class WatchedLane(Lane):
    """Tells the clock when its calls work."""

    def __init__(self, name: str, at_once: int, clock: SimulatedClock) -> None:
        super().__init__(name, at_once)
        self._clock = clock

    def start(self, *args: Any, **options: Any) -> Any:
        self._clock.begin()
        call = super().start(*args, **options)
        if call is None:
            self._clock.end()
        return call

    def _work(self, *args: Any) -> None:
        try:
            super()._work(*args)
        finally:
            self._clock.end()
