"""Threads in which models are asked, so that whoever waits can stop waiting.

A provider may ignore its deadline and hang; its thread then hangs alone. So that hanging threads cannot grow without
bound each model has a lane of limited width, and a lane that is full lets nobody in.
"""

from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import Queue
from threading import BoundedSemaphore, Lock, Thread

from django.db import DatabaseError, connections

from agents.providers.base import ModelProvider, ModelReply, ModelRequest
from omnicqm.common.hanging import hanging_alone
from omnicqm.common.logs import get_logger

log = get_logger(__name__)


class CallAbandoned(Exception):
    """Raised inside a provider that still hands out text when nobody listens any more."""


@dataclass(frozen=True)
class Piece:
    """Some of the reply's text."""

    call: "LaneCall"
    text: str


@dataclass(frozen=True)
class Ended:
    """The end of a call: a reply or an error."""

    call: "LaneCall"
    outcome: ModelReply | Exception


Event = Piece | Ended


@dataclass(eq=False)
class LaneCall:
    """A call under way. What happens comes out of `inbox`, at last an `Ended`; after `abandon` nothing does."""

    inbox: "Queue[Event]"
    _lock: Lock = field(default_factory=Lock)
    _ended: Ended | None = None
    _late: Callable[[Ended], None] | None = None

    def abandon(self, late: Callable[[Ended], None]) -> None:
        """Stop listening. `late` is called with the end once it comes, in whatever thread that is."""
        with self._lock:
            self._late = late
            ended = self._ended
        if ended is not None:
            late(ended)

    def tell(self, text: str) -> None:
        with self._lock:
            if self._late is not None:
                raise CallAbandoned
            self.inbox.put(Piece(self, text))

    def end(self, outcome: ModelReply | Exception) -> None:
        with self._lock:
            self._ended, late = Ended(self, outcome), self._late
            if late is None:
                self.inbox.put(self._ended)
        if late is not None:
            late(self._ended)


class Lane:
    """Room for `at_once` calls of one model in this process. An abandoned call keeps its place until it really ends."""

    def __init__(self, name: str, at_once: int) -> None:
        self._name = name
        self._places = BoundedSemaphore(at_once)

    def start(
        self, provider: ModelProvider, request: ModelRequest, inbox: "Queue[Event]", *, streamed: bool
    ) -> LaneCall | None:
        """Begin a call whose events go to `inbox`; None at once when the lane is full."""
        if not self._places.acquire(blocking=False):
            return None
        call = LaneCall(inbox)
        work = (copy_context().run, self._work, call, provider, request, streamed)
        thread = Thread(target=work[0], args=work[1:], name=f"model-{self._name}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the process has no more threads to give
            self._places.release()
            return None
        return call

    def _work(self, call: LaneCall, provider: ModelProvider, request: ModelRequest, streamed: bool) -> None:
        with hanging_alone():
            outcome = call_make(provider, request, call.tell if streamed else None)
        self._places.release()
        try:
            call.end(outcome)
        except DatabaseError as error:
            log.warning("late_reply_not_stored", model=self._name, error=type(error).__name__)
        finally:
            connections.close_all()  # those of this thread: a late end may have opened one


def call_make(
    provider: ModelProvider, request: ModelRequest, on_text: Callable[[str], None] | None
) -> ModelReply | Exception:
    """Ask `provider` here and now; what it raises is returned."""
    try:
        return provider.converse_stream(request, on_text) if on_text else provider.converse(request)
    except Exception as error:
        return error
