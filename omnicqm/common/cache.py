"""Django's cache on Valkey with connections that a process shares.

Django keeps a cache, and with it the connections, for each thread and each asynchronous request. Where threads are
many and short-lived each would begin by connecting, which takes longer than what it wants to ask.
"""

import os
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any, cast

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from omnicqm.common.logs import get_logger

log = get_logger(__name__)
_AWAY = object()  # no answer, which is not the same as nothing


class ValkeyCache(RedisCache):
    """`RedisCache`, whose threads share connections, and which counts in one round trip."""

    _servers: list[str]  # Django's own, unknown to its stubs
    _options: dict[str, Any]

    @cached_property
    def _cache(self) -> "_SharedClient":
        return _client(os.getpid(), tuple(self._servers), tuple(sorted(self._options.items())))

    def count(self, keys: Sequence[str], *, read: Sequence[str] = (), timeout: float) -> tuple[int, ...]:
        """One more under each of `keys`, which lives `timeout` seconds from its first one on.

        Returns what is counted under `keys`, then what is under `read`, 0 where nothing is.
        """
        counted = [self.make_and_validate_key(key) for key in keys]
        others = [self.make_and_validate_key(key) for key in read]
        return self._cache.count(counted, others, seconds=max(int(timeout), 1))


class _SharedClient(RedisCacheClient):
    """One client for all threads: redis-py's are safe to share, and costly to make for every question."""

    _client: Any
    _get_connection_pool: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clients: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)
        if pool not in self._clients:
            self._clients[pool] = self._client(connection_pool=pool)
        return self._clients[pool]

    def count(self, keys: list[str], read: list[str], *, seconds: int) -> tuple[int, ...]:
        pipeline = self.get_client(write=True).pipeline(transaction=False)
        for key in keys:
            pipeline.set(key, 0, ex=seconds, nx=True)
        for key in keys:
            pipeline.incr(key)
        for key in read:
            pipeline.get(key)
        return tuple(int(value or 0) for value in pipeline.execute()[len(keys) :])


@lru_cache(maxsize=8)
def _client(process: int, servers: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> _SharedClient:
    """The process is part of the key: one that was forked does not talk through its parent's connections."""
    return _SharedClient(list(servers), **dict(options))


def kept_get(key: str) -> Any:
    """What is kept under `key` to save work; None where nothing is, and while Valkey is away: then it is done anew."""
    found = _get(key)
    return None if found is _AWAY else found


def _get(key: str) -> Any:
    try:
        return cache.get(key)
    except (RedisError, OSError) as error:
        log.warning("cache_away", error=type(error).__name__)
        return _AWAY


def kept_set(key: str, value: Any, seconds: float) -> None:
    """Keep `value` for `seconds`, where something can be kept."""
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError) as error:
        log.warning("cache_away", error=type(error).__name__)


def kept[T](key: str, seconds: float, make: Callable[[], T]) -> T:
    """What `make` returned up to `seconds` ago."""
    found = _get(key)
    if found is None or found is _AWAY:
        made = make()
        if found is None:  # where reading has waited in vain, writing would too
            kept_set(key, made, seconds)
        return made
    return cast(T, found)
