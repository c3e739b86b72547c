"""The circuit breaker of a model, shared by all processes: a model that is down is not asked by everyone in turn.

    closed ── many failures in a window, or access denied ──> open ── its time is over ──> half-open
      ^                                                        ^                              │
      └───────────── the probe was answered ──────────────────┼──────────────────────────────┤
                                                               └──── the probe failed ────────┘

Open, nobody may ask. Half-open, one caller of all processes may: the probe. What it finds decides. The state is one
shared value, the moment until which the breaker is open: none is closed, a future one open, a past one half-open.
"""

from collections.abc import Sequence
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
    are at least `share` of all. The same holds for windows of `short_seconds` and `short_failures`: under load a minute
    of good answers does not hide that the model has died. These are longer than a call may take, for of calls begun
    together the failed ones end first or last. It stays open `open_seconds`, or `denied_seconds` after a denied access.
    A probe that tells nothing within `probe_seconds`, because its process died, makes room for another."""

    failures: int = 3
    share: float = 0.5
    window_seconds: float = 60.0
    short_failures: int = 10
    short_seconds: float = 10.0
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
        waited = self._clock.wall() - until
        if waited < 0:
            return None
        turn = int(waited // self._rules.probe_seconds)
        probe = f"model-breaker:{self._name}:probe:{until:.3f}:{turn}"
        return Permit(probe) if self._memory.add(probe, 1, seconds=2 * self._rules.probe_seconds) else None

    def answered(self, permit: Permit) -> None:
        """The service answered, be it only to say that it does not like the question."""
        now, before = self._keys("failures")
        if not permit.probe:
            self._memory.count(*self._keys("answers")[0], seconds=self._counted_seconds)
            return
        # Answers of before still count: of the calls that follow the failed ones may end first.
        self._memory.forget(self._until_key, *now, *before)
        log.info("model_breaker_closed", model=self._name)

    def failed(self, permit: Permit) -> None:
        """No answer, a late one, or a broken one."""
        now, before = self._keys("failures")
        answers_now, answers_before = self._keys("answers")
        read = (*before, *answers_now, *answers_before)
        counted = self._memory.count(*now, read=read, seconds=self._counted_seconds)
        many = self._are_many(counted[0::2], self._rules.failures)
        many_lately = self._are_many(counted[1::2], self._rules.short_failures)
        if permit.probe or many or many_lately:
            self._open(permit, self._rules.open_seconds)

    def _are_many(self, counted: Sequence[int], least: int) -> bool:
        """`counted` are failures of this window and of the one before, then answers of both."""
        failures = counted[0] + counted[1]
        return failures >= least and failures >= self._rules.share * sum(counted)

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
        until, kept = self._clock.wall() + seconds, seconds + _REMEMBERED
        if permit.probe:
            self._memory.put(self._until_key, until, seconds=kept)
        elif not self._memory.add(self._until_key, until, seconds=kept):
            return False
        log.warning("model_breaker_opened", model=self._name, seconds=seconds)
        return True

    @property
    def _counted_seconds(self) -> float:
        return 2 * max(self._rules.window_seconds, self._rules.short_seconds)

    def _keys(self, what: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """Where answers or failures are counted: in the long and in the short window of now, and in those before."""
        wall, key = self._clock.wall(), f"model-breaker:{self._name}:{what}"
        long, short = int(wall // self._rules.window_seconds), int(wall // self._rules.short_seconds)
        return (f"{key}:{long}", f"{key}:short:{short}"), (f"{key}:{long - 1}", f"{key}:short:{short - 1}")
