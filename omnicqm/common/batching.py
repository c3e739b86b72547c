"""What many do to the database in the same moment, done together: one statement instead of hundreds.

Whoever comes while a batch is under way waits for the next one, so batches are as large as the load makes them, and who
comes alone waits for nobody. Without threads of its own (``settings.BATCHING`` False: tests that share one transaction)
each item is a batch, done in the thread of its caller.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock, Thread

from django.conf import settings
from django.db import connections

MOST = 64  # items of one batch


class Batches[T, R]:
    """Calls `work` with a list of items, for which it returns as many results in their order. An exception in the place
    of a result is raised to the one who asked; one that `work` raises, to all of its batch.

    `work` runs in a thread of its own that holds a connection only while there is something to do. One batch at a time.
    """

    def __init__(self, name: str, work: Callable[[Sequence[T]], Sequence[R | Exception]]) -> None:
        self._name, self._work = name, work
        self._waiting: deque[tuple[T, Future[R]]] = deque()
        self._lock = Lock()
        self._at_work = False

    def submit(self, item: T) -> "Future[R]":
        """What will be the result of `item`: threads wait for ``.result()``, coroutines for ``asyncio.wrap_future``."""
        place: tuple[T, Future[R]] = (item, Future())
        if not settings.BATCHING:
            self._do([place])
            return place[1]
        with self._lock:
            self._waiting.append(place)
            idle, self._at_work = not self._at_work, True
        if idle:
            self._drain_begin()
        return place[1]

    def _drain_begin(self) -> None:
        try:
            Thread(target=self._drain, name=f"batches-{self._name}", daemon=True).start()
        except RuntimeError:  # the process has no more threads to give
            self._drain()

    def _drain(self) -> None:
        try:
            while batch := self._next():
                self._do(batch)
        finally:
            connections.close_all()

    def _next(self) -> list[tuple[T, "Future[R]"]]:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            self._at_work = bool(batch)
        return batch

    def _do(self, batch: list[tuple[T, "Future[R]"]]) -> None:
        asked = [place for place in batch if place[1].set_running_or_notify_cancel()]
        if not asked:
            return
        try:
            results = self._work([item for item, _ in asked])
        except Exception as error:
            results = [error] * len(asked)
        for (_, future), result in zip(asked, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
