"""One question put to the stops of a route, one after the other, until one answers.

A stop is asked when the one before failed or ran out of time; with a hedge also while the one before still thinks: then
the first good reply counts. Whatever time a provider takes, the caller waits for none longer than its share.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from queue import Queue
from typing import Protocol

from agents.errors import (
    InvalidModelOutput,
    LanguageUnsupported,
    ModelAccessDenied,
    ModelError,
    ModelRefused,
    ModelThrottled,
    ModelTimeout,
    ModelUnavailable,
)
from agents.providers.base import ModelReply, ModelRequest
from agents.routing.breaker import Permit
from agents.routing.clock import Clock
from agents.routing.lanes import Ended, Event, LaneCall, Piece, call_make
from agents.routing.stops import Guards, Stop
from omnicqm.common.connections import connection_release

OnText = Callable[[str], None]
Settle = Callable[[ModelReply], None]  # told of a reply that still came, too late


@dataclass(eq=False)
class Try:
    """A stop that was asked. `until` is when nobody waits for it any more; `ended` when it had failed."""

    stop: Stop
    call: LaneCall
    started: float
    until: float
    permit: Permit | None = None
    ended: float | None = None


class Book(Protocol):
    """Told of everything that happens to a try; writes the ledger."""

    def started(self, tried: Try) -> None: ...

    def answered(self, tried: Try, reply: ModelReply) -> None: ...

    def failed(self, tried: Try, error: Exception) -> Settle:
        """Returns what is told of a reply that still comes."""

    def outrun(self, tried: Try) -> Settle:
        """Another one answered first, or nobody listens any more. Returns the same."""

    def skipped(self, stop: Stop, reason: str) -> None: ...


class RoutedCall:
    """One call of a run. `stops` are those that may be asked, best first."""

    def __init__(
        self,
        stops: tuple[Stop, ...],
        request: ModelRequest,
        on_text: OnText | None,
        *,
        book: Book,
        clock: Clock,
        language: str = "",
        hedge_seconds: float | None = None,
    ) -> None:
        self._left = deque(stops)
        self._request = request
        self._on_text = on_text
        self._book = book
        self._clock = clock
        self._language = language
        self._hedge_seconds = None if on_text else hedge_seconds
        self._inbox: Queue[Event] = Queue()
        self._tries: list[Try] = []
        self._failures: list[tuple[Try, Exception]] = []  # not noted yet
        self._told = False
        self._unheard: Exception | None = None  # what `on_text` raised
        self._error: ModelError = ModelUnavailable("No model is available.")

    def reply(self) -> tuple[Stop, ModelReply]:
        """The stop that answered and its reply.

        Raises the last `ModelError` when nobody did, at once after a refusal or when text was handed out already; and
        whatever `on_text` raises.
        """
        try:
            while True:
                if not self._tries and not self._start_next():
                    raise self._error
                self._failures_note()
                answer = self._wait()
                if answer is not None:
                    return answer
        finally:
            self._failures_note()
            for tried in list(self._tries):
                self._outrun(tried)

    # --- Starting ----------------------------------------------------------------------------------------------------
    def _start_next(self, *, guarded_only: bool = False) -> bool:
        """Ask the next stop that lets us in; False when none is left or the run's time is up."""
        while self._left and (self._left[0].guards or not guarded_only):
            if self._clock.now() >= self._request.deadline:
                self._error = ModelTimeout("The time of the run is up.")
                return False
            if self._start(self._left.popleft()):
                return True
        return False

    def _start(self, stop: Stop) -> bool:
        if not stop.reads(self._language):
            self._book.skipped(stop, "language")
            self._error = LanguageUnsupported("No model that is left reads the customer's language.")
            return False
        return self._start_guarded(stop, stop.guards) if stop.guards else self._start_here(stop)

    def _start_here(self, stop: Stop) -> bool:
        call = LaneCall(self._inbox)
        self._begun(Try(stop, call, self._clock.now(), self._request.deadline))
        call.end(call_make(stop.provider, self._request, self._tell if self._on_text else None))
        return True

    def _start_guarded(self, stop: Stop, guards: Guards) -> bool:
        permit = guards.breaker.permit()
        if permit is None:
            self._book.skipped(stop, "breaker_open")
            return False
        started = self._clock.now()
        until = min(started + guards.seconds, self._request.deadline)
        request = replace(self._request, deadline=until)
        call = guards.lane.start(stop.provider, request, self._inbox, streamed=self._on_text is not None)
        if call is None:
            guards.breaker.returned(permit)
            self._book.skipped(stop, "shed")
            return False
        self._begun(Try(stop, call, started, until, permit))
        return True

    def _begun(self, tried: Try) -> None:
        self._tries.append(tried)
        self._book.started(tried)

    # --- Waiting -----------------------------------------------------------------------------------------------------
    def _wait(self) -> tuple[Stop, ModelReply] | None:
        """Let the next thing happen: some text, an end, or the passing of time."""
        if self._inbox.empty():
            connection_release()
        event = self._clock.take(self._inbox, self._next_moment())
        tried = next((one for one in self._tries if event and one.call is event.call), None)
        if tried is not None:
            match event:
                case Piece(text=text) if self._clock.now() < tried.until:
                    self._tell(text)
                case Ended(outcome=ModelReply() as reply):
                    return self._answered(tried, reply)
                case Ended(outcome=Exception() as error):
                    self._failed(tried, error)
        self._time_passed()
        return None

    def _next_moment(self) -> float:
        moments = [tried.until for tried in self._tries]
        return min([*moments, self._hedge_moment()])

    def _hedge_moment(self) -> float:
        """When the next stop is asked although the one before may still answer."""
        if self._hedge_seconds is None or len(self._tries) != 1 or not self._left:
            return math.inf
        return self._tries[0].started + self._hedge_seconds

    def _time_passed(self) -> None:
        now = self._clock.now()
        for tried in [one for one in self._tries if one.until <= now]:
            self._failed(tried, ModelTimeout(f"{tried.stop.alias} did not answer in time."))
        if self._hedge_moment() <= now and not self._start_next(guarded_only=True):
            self._hedge_seconds = None

    def _tell(self, text: str) -> None:
        assert self._on_text is not None
        self._told = self._told or bool(text)
        try:
            self._on_text(text)
        except Exception as error:
            self._unheard = error
            raise

    # --- Ends --------------------------------------------------------------------------------------------------------
    def _answered(self, tried: Try, reply: ModelReply) -> tuple[Stop, ModelReply]:
        self._tries.remove(tried)
        _breaker_tell(tried, reply)
        self._book.answered(tried, reply)
        return tried.stop, reply

    def _failed(self, tried: Try, error: Exception) -> None:
        """Go on after `error`, or raise it when no other model may mend it."""
        if error is self._unheard:
            raise error
        self._tries.remove(tried)
        tried.ended = self._clock.now()
        self._failures.append((tried, error))
        if self._told or not isinstance(error, ModelError) or isinstance(error, ModelRefused):
            raise error
        self._error = error

    def _failures_note(self) -> None:
        """Tell breaker and ledger. They are told while the next model thinks: the caller has waited long enough."""
        while self._failures:
            tried, error = self._failures.pop(0)
            _breaker_tell(tried, error)
            settle = self._book.failed(tried, error)
            tried.call.abandon(partial(_settle, settle))

    def _outrun(self, tried: Try) -> None:
        """Nobody waits for it any more, through no fault of its own: its end still counts for breaker and ledger."""
        self._tries.remove(tried)
        settle = self._book.outrun(tried)

        def late(ended: Ended) -> None:
            _breaker_tell(tried, ended.outcome)
            _settle(settle, ended)

        tried.call.abandon(late)


def _settle(settle: Settle, ended: Ended) -> None:
    if isinstance(ended.outcome, ModelReply):
        settle(ended.outcome)


def _breaker_tell(tried: Try, outcome: ModelReply | Exception) -> None:
    """What the end of a try says about the service."""
    guards, permit = tried.stop.guards, tried.permit
    if guards is None or permit is None:
        return
    had_its_time = tried.until >= tried.started + guards.seconds
    match outcome:
        case ModelAccessDenied():
            guards.breaker.denied(permit)
        case ModelTimeout() if not had_its_time:
            guards.breaker.returned(permit)
        case ModelTimeout() | ModelThrottled() | ModelUnavailable() | InvalidModelOutput():
            guards.breaker.failed(permit)
        case ModelReply() | ModelError():  # also to refuse, or to find the question malformed, is to answer
            guards.breaker.answered(permit)
        case _:
            guards.breaker.returned(permit)
