"""Several pieces of work side by side, each in a thread of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.db import connection

from omnicqm.common.connections import connection_release


def side_by_side[T](works: Sequence[Callable[[], T]], *, at_once: int = 4, seconds: float | None = None) -> list[T]:
    """What `works` return, in their order; what one raises is raised, once those under way have ended.

    With `seconds` nobody is waited for longer: raises `TimeoutError`, and what is under way goes on by itself.
    The caller's database connection goes back to the pool before it waits: callers that hold one each while their
    threads want others would wait for one another. A single work, and all of them inside a transaction, whose writes no
    other thread sees, run in the caller's own thread, one after another and as long as they take.
    """
    if len(works) < 2 or connection.in_atomic_block:
        return [work() for work in works]
    connection_release()
    deadline = None if seconds is None else time.monotonic() + seconds
    pool = ThreadPoolExecutor(min(at_once, len(works)), thread_name_prefix="side-by-side")
    try:
        futures = [pool.submit(copy_context().run, _connected, work) for work in works]
        return [
            future.result(None if deadline is None else max(0.0, deadline - time.monotonic())) for future in futures
        ]
    finally:
        pool.shutdown(wait=seconds is None, cancel_futures=True)  # a second try would compete with what goes on


def _connected[T](work: Callable[[], T]) -> T:
    """The thread may be idle next: its database connection goes back to the pool."""
    try:
        return work()
    finally:
        connection.close()
