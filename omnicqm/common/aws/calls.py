"""Waiting for a call, and cutting its connection when nobody waits any more.

A call gets a thread, because resolving a name or shaking hands may hang where no socket can be cut. Where the caller is
a thread that may hang (`omnicqm.common.hanging`) the call is made there, and a watch cuts its socket at the deadline.
"""

import heapq
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from botocore import awsrequest

from omnicqm.common.aws.failures import AwsFailure, AwsKind, aws_failure
from omnicqm.common.hanging import hangs_alone

MAX_SILENCE_SECONDS = 30.0
MAX_CALLS = 256  # at once in threads of their own, those included that nobody waits for any more

_slots = threading.BoundedSemaphore(MAX_CALLS)
_here = threading.local()  # .call is the call that this thread makes


class _Call:
    """A call under way."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.is_cut = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def start(self, work: Callable[[], None]) -> None:
        """Raises `AwsFailure` when too many calls are under way."""
        if not _slots.acquire(blocking=False):
            raise AwsFailure(AwsKind.UNAVAILABLE, f"{MAX_CALLS} calls to AWS are under way in this process.")
        try:
            threading.Thread(target=self._run, args=(work,), name="aws-call", daemon=True).start()
        except BaseException:
            _slots.release()
            raise

    def _run(self, work: Callable[[], None]) -> None:
        _here.call = self
        try:
            if not self.is_cut:
                work()
        finally:
            _slots.release()

    def use(self, used: socket.socket | None) -> None:
        """It reads from `used` now; from None once its connection went back to the pool, where others take it."""
        with self._lock:
            self._socket = used
            if self.is_cut:
                self._shut()

    def cut(self) -> None:
        """Nobody waits any more: end a blocked read. `close` would not, it only forgets the socket."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0)


def aws_call[T](work: Callable[[], T], *, deadline: float) -> T:
    """The result of `work`, which makes one call with a client of ours.

    `deadline` is a `time.monotonic()` instant at which the wait ends, whatever the other side does.
    Raises `AwsFailure`.
    """
    [result] = aws_stream(lambda: [work()], deadline=deadline)
    return result


def aws_stream[T](opened: Callable[[], Iterable[T]], *, deadline: float) -> Generator[T]:
    """The items of what `opened` opens with a client of ours, each as soon as it is there.

    Leaving the iteration early cuts the connection. Raises `AwsFailure`, at `deadline` with the kind ``timeout``.
    """
    here = _made_here if hangs_alone() else _made_elsewhere
    yield from here(_Call(deadline), opened)


def _made_here(call: _Call, opened: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    _here.call = call
    _watch.over(call)
    try:
        for item in opened():
            if call.is_cut:
                break
            yield item
        if call.is_cut:  # botocore takes what was cut short for an answer
            raise _too_late()
    except Exception as error:
        # What the error says may quote what was sent, and would end up in a log.
        raise (_too_late() if call.is_cut else aws_failure(error)) from None
    finally:
        _here.call = None
        call.cut()


def _made_elsewhere(call: _Call, opened: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    queue = SimpleQueue[tuple[str, Any]]()

    def work() -> None:
        try:
            for item in opened():
                queue.put(("item", item))
                if call.is_cut:
                    return
            queue.put(("end", None))
        except Exception as error:
            queue.put(("error", error))

    call.start(work)
    try:
        yield from _received(queue, call)
    finally:
        call.cut()


def _received(queue: SimpleQueue[tuple[str, Any]], call: _Call) -> Iterator[Any]:
    while True:
        try:
            what, value = queue.get(timeout=call.left())
        except Empty:
            raise _too_late() from None
        if what == "end":
            return
        if what == "error":
            raise aws_failure(value) from None
        yield value


def _too_late() -> AwsFailure:
    return AwsFailure(AwsKind.TIMEOUT, "AWS did not answer in time.")


class _Watch:
    """A thread that cuts calls at their deadlines. It starts with the first call and stays."""

    def __init__(self) -> None:
        self._calls: list[tuple[float, int, _Call]] = []  # a heap by deadline
        self._changed = threading.Condition()
        self._number = 0
        self._thread: threading.Thread | None = None

    def over(self, call: _Call) -> None:
        with self._changed:
            self._number += 1
            heapq.heappush(self._calls, (call.deadline, self._number, call))
            if self._thread is None or not self._thread.is_alive():  # it is not in a process that was forked
                self._thread = threading.Thread(target=self._run, name="aws-watch", daemon=True)
                self._thread.start()
            if self._calls[0][2] is call:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._calls and (self._calls[0][2].is_cut or not self._calls[0][2].left()):
                    heapq.heappop(self._calls)[2].cut()
                self._changed.wait(self._calls[0][2].left() if self._calls else None)


_watch = _Watch()


def read_timeout_set(request: Any, **_: Any) -> None:
    """Silence up to the deadline of the call and no longer (`request.context` is botocore's own, pinned).

    Nothing is sent, and paid, for a call that nobody waits for any more.
    """
    call = getattr(_here, "call", None)
    if call is not None:
        if call.is_cut:
            raise AwsFailure(AwsKind.TIMEOUT, "Nobody waits for this call any more.")
        request.context["read_timeout"] = min(max(call.left(), 0.05), MAX_SILENCE_SECONDS)


class _SocketNoted:
    """A connection that tells the call of its thread which socket to cut."""

    sock: socket.socket | None

    def request(self, *args: Any, **kwargs: Any) -> Any:
        call = getattr(_here, "call", None)
        if call is not None:
            call.use(self.sock)
        answer = super().request(*args, **kwargs)  # type: ignore[misc]
        if call is not None:
            call.use(self.sock)
        return answer


class _HttpConnection(_SocketNoted, awsrequest.AWSHTTPConnection): ...


class _HttpsConnection(_SocketNoted, awsrequest.AWSHTTPSConnection): ...


class _ReturnNoted:
    """A pool that tells the call of its thread when its connection comes back: from then on it is not the call's."""

    def _put_conn(self, connection: Any) -> None:
        call = getattr(_here, "call", None)
        if call is not None:
            call.use(None)
        super()._put_conn(connection)  # type: ignore[misc]


class _HttpPool(_ReturnNoted, awsrequest.AWSHTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_ReturnNoted, awsrequest.AWSHTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


POOLS = {"http": _HttpPool, "https": _HttpsPool}
