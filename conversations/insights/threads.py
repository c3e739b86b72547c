"""The threads in which insights do what would hold up the event loop, and how many are made at once.

Two pools: a few threads for the quick questions to the database, and many for waiting on models. Work gives its
connection back when it is done. Without threads of their own (``INSIGHT_DOOR_THREADS`` 0: tests that share one
transaction) both run in the thread of the caller.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from conversations.errors import InsightsBusy


class Room:
    """Places of those who are being answered; a generation whose caller has left keeps its place until it ends."""

    def __init__(self) -> None:
        self.taken = 0

    def enter(self) -> None:
        """Take a place. Raises `InsightsBusy` at once when there is none."""
        if self.taken >= settings.INSIGHTS_AT_ONCE:
            raise InsightsBusy("As many summaries are being made as possible. Try again in two seconds.")
        self.taken += 1

    def leave(self, *, after: "asyncio.Task[object] | None" = None) -> None:
        """Give the place back, now or when `after` has ended."""
        if after is None or after.done():
            self.taken -= 1
        else:
            after.add_done_callback(lambda _: self.leave())


async def quickly[T](work: Callable[[], T]) -> T:
    """`work` that asks the database and ends soon."""
    return await _run(_door, work)


async def patiently[T](work: Callable[[], T]) -> T:
    """`work` that waits for a model."""
    return await _run(_generation, work)


async def _run[T](pool: Callable[[], Executor], work: Callable[[], T]) -> T:
    if not settings.INSIGHT_DOOR_THREADS:
        return await sync_to_async(work)()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool(), copy_context().run, _released_after, work)


def _released_after[T](work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connections.close_all()


@cache
def _door() -> Executor:
    return ThreadPoolExecutor(settings.INSIGHT_DOOR_THREADS, thread_name_prefix="insight-door")


@cache
def _generation() -> Executor:
    """As wide as the room: who has a place never waits for a thread."""
    return ThreadPoolExecutor(settings.INSIGHTS_AT_ONCE, thread_name_prefix="insight")
