"""Connections to Valkey for counting: few, impatient, and none for a while after one has failed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from omnicqm.common.logs import get_logger

log = get_logger(__name__)

PATIENCE_SECONDS = 0.5
AWAY_SECONDS = 5.0  # after a failure nobody waits for the server again so long
_MOST_CONNECTIONS = 32
_LOST = (RedisConnectionError,)  # a kept connection that the server has closed: opened again, once. Not when it is slow
_SCRIPT = Path(__file__).with_name("script.lua").read_text()
_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Any]] = WeakKeyDictionary()
_away_until = 0.0


def counting(call: Callable[[Any], Any]) -> Any:
    """What `call` returns, given the script to take tokens with. None while Valkey is away."""
    if _is_away():
        return None
    try:
        return call(_script(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        _go_away(error)
        return None


async def counting_async(call: Callable[[Any], Awaitable[Any]]) -> Any:
    """Like `counting`, without holding up the event loop."""
    if _is_away():
        return None
    try:
        return await call(_script_of_loop(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        _go_away(error)
        return None


def client_get() -> redis.Redis:
    """The client of this process."""
    return _client(settings.REDIS_URL)


async def loop_leave() -> None:
    """Close the connections of the running event loop, before it ends."""
    for script in _loops.pop(asyncio.get_running_loop(), {}).values():
        await script.registered_client.connection_pool.disconnect()


def _is_away() -> bool:
    return not settings.REDIS_URL or time.monotonic() < _away_until


def _go_away(error: Exception) -> None:
    global _away_until
    _away_until = time.monotonic() + AWAY_SECONDS
    log.warning("rates_not_counted", error=type(error).__name__, seconds=AWAY_SECONDS)


def _options() -> dict[str, Any]:
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    return {"max_connections": _MOST_CONNECTIONS, "timeout": PATIENCE_SECONDS, "decode_responses": True, **patience}


@cache
def _client(url: str) -> redis.Redis:
    pool = redis.BlockingConnectionPool.from_url(url, retry=redis.retry.Retry(NoBackoff(), 1, _LOST), **_options())
    return redis.Redis(connection_pool=pool)


@cache
def _script(url: str) -> Any:
    return _client(url).register_script(_SCRIPT)


def _script_of_loop(url: str) -> Any:
    """Connections belong to the event loop that opened them."""
    scripts = _loops.setdefault(asyncio.get_running_loop(), {})
    if url not in scripts:
        retry = redis.asyncio.retry.Retry(NoBackoff(), 1, _LOST)
        pool = redis.asyncio.BlockingConnectionPool.from_url(url, retry=retry, **_options())
        scripts[url] = redis.asyncio.Redis(connection_pool=pool).register_script(_SCRIPT)
    return scripts[url]
