"""Answering while many wait: identical requests of this process share one generation, and nobody waits for ever."""

import asyncio
import time
from functools import partial
from weakref import WeakKeyDictionary

from django.conf import settings

from conversations.errors import InsightLate
from conversations.insights.services import begin_later, insight_begin, insight_generate, insight_repeat
from conversations.insights.threads import Room, patiently
from conversations.insights.types import Begun, Generation, InsightRequest
from conversations.models import Insight

GRACE_SECONDS = 0.5  # for storing, after the models' time is over

Flight = asyncio.Task[Insight]

_room = Room()
_flights: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Flight]] = WeakKeyDictionary()


async def insight_answer(request: InsightRequest) -> Insight:
    """The stored answer to `request`, at its deadline at the latest.

    Raises `InsightsBusy` at once when too many wait already, `InsightLate` when time is up, and what `insight_begin`
    raises. When the caller leaves meanwhile, a summary begun for it is still made and stored.
    """
    _room.enter()
    led: Flight | None = None
    try:
        async with asyncio.timeout(request.deadline + GRACE_SECONDS - time.monotonic()):
            begun = await _begin(request)
            if isinstance(begun, Insight):
                return begun
            flight, leads = _board(begun)
            led = flight if leads else None
            return await (asyncio.shield(flight) if leads else _follow(flight, begun))
    except TimeoutError as error:
        raise InsightLate("The summary was not ready in time. It may be when you ask again.") from error
    finally:
        _room.leave(after=led)


async def _begin(request: InsightRequest) -> Begun:
    """With all who come at the same time; alone, in a thread, where a table elsewhere has to be waited for."""
    if settings.BATCHING and not settings.HISTORY_TABLE["name"]:
        return await asyncio.wrap_future(begin_later(request))
    return await patiently(partial(insight_begin, request=request))


def _board(generation: Generation) -> tuple[Flight, bool]:
    """The flight that makes the wanted text, and whether it was begun for this request."""
    flights, key = _flights.setdefault(asyncio.get_running_loop(), {}), generation.result_key
    if key in flights:
        return flights[key], False
    flight = asyncio.create_task(patiently(partial(insight_generate, generation=generation)))
    flights[key] = flight
    flight.add_done_callback(partial(_land, flights, key))
    return flight, True


def _land(flights: dict[str, Flight], key: str, flight: Flight) -> None:
    flights.pop(key, None)
    if not flight.cancelled():
        flight.exception()  # looked at: who began it may have left


async def _follow(flight: Flight, generation: Generation) -> Insight:
    try:
        made = await asyncio.shield(flight)
    except Exception:  # what went wrong may have been the leader's own request
        return await patiently(partial(insight_generate, generation=generation))
    return await patiently(partial(insight_repeat, generation=generation, source=made))
