"""Waiting for a call, and cutting its connection when nobody waits any more."""

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from botocore import awsrequest

from omnicqm.common.aws.failures import AwsFailure, AwsKind, aws_failure

MAX_SILENCE_SECONDS = 30.0
MAX_CALLS = 256  # at once in this process, those included that nobody waits for any more

_slots = threading.BoundedSemaphore(MAX_CALLS)
_here = threading.local()  # .call is the call that this thread makes


class _Call:
    """A call in a thread of its own."""

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
    call, queue = _Call(deadline), SimpleQueue[tuple[str, Any]]()

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
            raise AwsFailure(AwsKind.TIMEOUT, "AWS did not answer in time.") from None
        if what == "end":
            return
        if what == "error":
            raise aws_failure(value) from None  # its words may quote what was sent, and end up in a log
        yield value


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
