"""The circuit breaker of a model, shared by all processes: a model that is down is not asked by everyone in turn.

    closed ── many failures in a window, or access denied ──> open ── its time is over ──> half-open
      ^                                                        ^                              │
      └───────────── the probe was answered ──────────────────┼──────────────────────────────┤
                                                               └──── the probe failed ────────┘

Open, nobody may ask. Half-open, one caller of all processes may: the probe. What it finds decides. The state is one
shared value, the moment until which the breaker is open: none is closed, a future one open, a past one half-open.
"""

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from agents.routing.clock import Clock
from agents.routing.shared import SharedMemory
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
TRUST_SECONDS = 0.1  # so long a process believes that it is closed, for hundreds may ask in one instant
_REMEMBERED = 3600.0  # seconds after which an opening is forgotten when nobody asked any more


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class BreakerRules:
    """It opens when in this window of `window_seconds` and the one before at least `failures` calls failed, and these
    are at least `share` of all; or when `share` of the last `latest` calls of one process failed, none of them older
    than a window: many answers of before do not hide for a minute that the model has died. It stays open
    `open_seconds`, or `denied_seconds` after a denied access. A probe that tells nothing within `probe_seconds`,
    because its process died, makes room for another."""

    failures: int = 3
    share: float = 0.5
    latest: int = 20
    window_seconds: float = 60.0
    open_seconds: float = 15.0
    denied_seconds: float = 60.0
    probe_seconds: float = 15.0


@dataclass(frozen=True)
class Permit:
    """Leave to ask once. `probe` is the key under which a half-open breaker gave it, else empty."""

    probe: str = ""


class Breaker:
    """Whether a model may be asked now. `name` tells models apart, in the shared memory too. Safe between threads.

    Whoever got a `Permit` says once how it went: `answered`, `failed`, `denied`, or `returned` when it tells nothing.
    """

    def __init__(self, name: str, rules: BreakerRules, *, clock: Clock, memory: SharedMemory) -> None:
        self._name, self._rules, self._clock, self._memory = name, rules, clock, memory
        self._until_key = f"model-breaker:{name}:until"
        self._closed_until = float("-inf")
        self._latest = Latest(rules)

    @property
    def state(self) -> State:
        until = self._memory.get(self._until_key)
        if until is None:
            return State.CLOSED
        return State.OPEN if self._clock.wall() < until else State.HALF_OPEN

    def permit(self) -> Permit | None:
        """Leave to ask; None while it is open, or half-open and another one probes."""
        now = self._clock.now()
        if now < self._closed_until:
            return Permit()
        until = self._memory.get(self._until_key)
        if until is None:
            self._closed_until = now + TRUST_SECONDS
            return Permit()
        self._latest.forget()
        waited = self._clock.wall() - until
        if waited < 0:
            return None
        turn = int(waited // self._rules.probe_seconds)
        probe = f"model-breaker:{self._name}:probe:{until:.3f}:{turn}"
        return Permit(probe) if self._memory.add(probe, 1, seconds=2 * self._rules.probe_seconds) else None

    def answered(self, permit: Permit) -> None:
        """The service answered, be it only to say that it does not like the question."""
        (calls, failures), before = self._windows()
        self._latest.note(self._clock.now(), failed=False)
        if not permit.probe:
            self._memory.count(calls, seconds=self._counted_seconds)
            return
        self._memory.forget(self._until_key, calls, failures, *before)
        log.info("model_breaker_closed", model=self._name)

    def failed(self, permit: Permit) -> None:
        """No answer, a late one, or a broken one."""
        self._latest.note(self._clock.now(), failed=True)
        now, before = self._windows()
        counted = self._memory.count(*now, read=before, seconds=self._counted_seconds)
        calls, failures = counted[0] + counted[2], counted[1] + counted[3]
        many = failures >= self._rules.failures and failures >= self._rules.share * calls
        if permit.probe or many or self._latest.are_failures:
            self._open(permit, self._rules.open_seconds)

    def denied(self, permit: Permit) -> None:
        """We may not use the model or there is none: nothing gets better before somebody changes the configuration."""
        if self._open(permit, self._rules.denied_seconds):
            remedy = "Check the model id, the region, and that the account has access to the model."
            log.error("model_access_denied", model=self._name, remedy=remedy)

    def returned(self, permit: Permit) -> None:
        """It was not used, or what came of it says nothing about the service: a probe passes to the next one."""
        if permit.probe:
            self._memory.forget(permit.probe)

    def _open(self, permit: Permit, seconds: float) -> bool:
        """Whether this call opened it. A probe opens it again; of many others that see it closed the first one does."""
        self._closed_until = float("-inf")
        self._latest.forget()
        until, kept = self._clock.wall() + seconds, seconds + _REMEMBERED
        if permit.probe:
            self._memory.put(self._until_key, until, seconds=kept)
        elif not self._memory.add(self._until_key, until, seconds=kept):
            return False
        log.warning("model_breaker_opened", model=self._name, seconds=seconds)
        return True

    @property
    def _counted_seconds(self) -> float:
        return 2 * self._rules.window_seconds

    def _windows(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The keys of calls and failures, in this window and in the one before."""
        window, key = int(self._clock.wall() // self._rules.window_seconds), f"model-breaker:{self._name}"
        now, before = ((f"{key}:calls:{one}", f"{key}:failures:{one}") for one in (window, window - 1))
        return now, before


class Latest:
    """How the last calls of this process went. Safe between threads."""

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._ends: deque[tuple[float, bool]] = deque(maxlen=rules.latest)  # moment, whether it failed
        self._lock = threading.Lock()

    def note(self, moment: float, *, failed: bool) -> None:
        with self._lock:
            self._ends.append((moment, failed))

    def forget(self) -> None:
        with self._lock:
            self._ends.clear()

    @property
    def are_failures(self) -> bool:
        """Whether as many calls as count are known, all of a window, and enough of them failed."""
        with self._lock:
            ends = list(self._ends)
        if len(ends) < self._rules.latest or ends[-1][0] - ends[0][0] > self._rules.window_seconds:
            return False
        return sum(failed for _, failed in ends) >= self._rules.share * len(ends)
