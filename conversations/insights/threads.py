"""Where insights wait for models, and how many are made at once."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from conversations.errors import InsightsBusy

ROOM_SECONDS = 4.0  # of processor time: beside what models think, as much as fits into the time of an answer
LEAST_ROOM = 50
_PACE_ANSWERS, _PACE_SECONDS = 50, 10.0


class Room:
    """Places of those who are being answered; a generation whose caller has left keeps its place until it ends.

    There are as many as can still be answered in time at the pace of late, and at most ``settings.INSIGHTS_AT_ONCE``:
    who is let in and cannot be served waits in vain and slows down all others.
    """

    def __init__(self) -> None:
        self.taken = 0
        self._pace = Pace()

    @property
    def places(self) -> int:
        in_time = round(ROOM_SECONDS / self._pace.seconds) if self._pace.seconds else settings.INSIGHTS_AT_ONCE
        return min(settings.INSIGHTS_AT_ONCE, max(LEAST_ROOM, in_time))

    def enter(self) -> None:
        """Take a place. Raises `InsightsBusy` at once when there is none."""
        if self.taken >= self.places:
            raise InsightsBusy("As many summaries are being made as possible. Try again in two seconds.")
        self.taken += 1

    def leave(self, *, after: "asyncio.Future[Any] | None" = None) -> None:
        """Give the place back, now or when `after` has ended."""
        if after is None or after.done():
            self.taken -= 1
            self._pace.answered()
        else:
            after.add_done_callback(lambda _: self.leave())


class Pace:
    """How much processor time of this process an answer takes of late: `seconds`, 0 as long as nobody knows."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begin()

    def answered(self) -> None:
        """One more. Only while many are answered does their share of the process's time tell anything."""
        self._answers += 1
        if self._answers < _PACE_ANSWERS:
            return
        if time.monotonic() - self._since < _PACE_SECONDS:
            lately = (time.process_time() - self._used) / self._answers
            self.seconds = (self.seconds + lately) / 2 if self.seconds else lately
        self._begin()

    def _begin(self) -> None:
        self._answers, self._since, self._used = 0, time.monotonic(), time.process_time()


async def patiently[T](work: Callable[[], T]) -> T:
    """`work` that waits for others, in a thread that gives its database connection back in the end.

    Without threads (``settings.BATCHING`` False: tests that share one transaction) in that of the caller.
    """
    if not settings.BATCHING:
        return await sync_to_async(work)()
    return await asyncio.get_running_loop().run_in_executor(_waiting(), copy_context().run, _released_after, work)


def _released_after[T](work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connections.close_all()


@cache
def _waiting() -> ThreadPoolExecutor:
    """As wide as the room: who has a place never waits for a thread."""
    return ThreadPoolExecutor(settings.INSIGHTS_AT_ONCE, thread_name_prefix="insight")
