"""Several pieces of work side by side, each in a thread of its own."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.db import connection

from agents.errors import LimitReached

AT_ONCE = 4


def side_by_side[T](works: Sequence[Callable[[], T]], *, deadline: float) -> list[T]:
    """What `works` return, in their order. Raises `LimitReached` at `deadline` (`time.monotonic()`).

    Inside a transaction they run one after another, for no other thread sees what it has written.
    """
    if len(works) < 2 or connection.in_atomic_block:
        return [work() for work in works]
    pool = ThreadPoolExecutor(min(AT_ONCE, len(works)), thread_name_prefix="tool")
    try:
        futures = [pool.submit(copy_context().run, _connected, work) for work in works]
        return [future.result(_seconds_until(deadline)) for future in futures]
    except TimeoutError as error:
        raise LimitReached("A tool took longer than the run may.") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _connected[T](work: Callable[[], T]) -> T:
    """The thread ends soon: its database connection goes back to the pool."""
    try:
        return work()
    finally:
        connection.close()


def _seconds_until(deadline: float) -> float | None:
    return None if math.isinf(deadline) else max(0.0, deadline - time.monotonic())
