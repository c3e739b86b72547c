"""Taking tokens for many requests in one round trip: who comes while one is under way goes with the next."""

import asyncio
from weakref import WeakKeyDictionary

from omnicqm.common.rates.buckets import Rate, Wanted
from omnicqm.common.rates.connections import counting_async

Place = asyncio.Future[Rate | None]


class _Queue:
    """Who wants the same, in one event loop, in the order they came."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._waiting: list[Place] = []
        self._trips: asyncio.Task[None] | None = None

    async def take(self) -> Rate | None:
        place: Place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        if self._trips is None:
            self._trips = asyncio.create_task(self._go())  # its own: a caller may leave
        return await place

    async def _go(self) -> None:
        going: list[Place] = []
        try:
            while self._waiting:
                going, self._waiting = self._waiting, []
                for place, rate in zip(going, await self._taken(len(going)), strict=True):
                    if not place.done():
                        place.set_result(rate)
        except Exception as error:  # told to everyone who waits
            for place in (*going, *self._waiting):
                if not place.done():
                    place.set_exception(error)
            self._waiting = []
        finally:
            self._trips = None
            for place in (*going, *self._waiting):
                place.cancel()  # when the event loop ends; does nothing where there is a result

    async def _taken(self, count: int) -> list[Rate | None]:
        parameters = self._wanted.parameters(count)
        return self._wanted.rates(await counting_async(lambda script: script(**parameters)), count)


_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Wanted, _Queue]] = WeakKeyDictionary()
_MOST_QUEUES = 1000


async def rate_take_async(*, key: str, limit: int, user: str = "") -> Rate | None:
    """`rate_take` for asynchronous code."""
    queues, wanted = _queues.setdefault(asyncio.get_running_loop(), {}), Wanted(key, limit, user)
    if wanted not in queues and len(queues) >= _MOST_QUEUES:
        queues.clear()  # those that somebody waits in go on
    return await queues.setdefault(wanted, _Queue(wanted)).take()
