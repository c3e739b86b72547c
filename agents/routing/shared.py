"""A small memory that all processes share: Django's cache, which is Valkey.

While Valkey cannot be reached each process remembers for itself; it is never an error and nobody waits for it twice.
"""

from collections.abc import Callable, Sequence
from uuid import uuid4

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

from agents.routing.clock import Clock
from omnicqm.common.cache import ValkeyCache
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
AWAY_SECONDS = 5.0  # so long an unreachable cache is not asked again


class SharedMemory:
    """Values by key, each for some seconds. Every method asks once."""

    def __init__(self, clock: Clock | None = None, cache: BaseCache | None = None) -> None:
        self._clock = clock or Clock()
        self._cache = cache
        self._own = LocMemCache(f"shared-memory-{uuid4()}", {})
        self._away_until = float("-inf")

    def get(self, key: str) -> float | None:
        return self._ask(lambda cache: cache.get(key))

    def put(self, key: str, value: float, *, seconds: float) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout=seconds))

    def add(self, key: str, value: float, *, seconds: float) -> bool:
        """Put `value` where there is none; False, changing nothing, where there is one. Of many callers one wins."""
        return self._ask(lambda cache: cache.add(key, value, timeout=seconds))

    def count(self, *keys: str, read: Sequence[str] = (), seconds: float) -> tuple[int, ...]:
        """One more under each of `keys`; the numbers counted so far under these, then under those of `read`."""
        return self._ask(lambda cache: _count(cache, keys, read, seconds))

    def forget(self, *keys: str) -> None:
        self._ask(lambda cache: cache.delete_many(keys))

    def _ask[T](self, work: Callable[[BaseCache], T]) -> T:
        if self._clock.now() >= self._away_until:
            try:
                return work(self._cache or caches["default"])
            except (RedisError, OSError) as error:
                self._away_until = self._clock.now() + AWAY_SECONDS
                log.warning("shared_memory_away", error=type(error).__name__)
        return work(self._own)


def _count(cache: BaseCache, keys: Sequence[str], read: Sequence[str], seconds: float) -> tuple[int, ...]:
    if isinstance(cache, ValkeyCache):
        return cache.count(keys, read=read, timeout=seconds)
    for key in keys:
        cache.add(key, 0, timeout=seconds)
    return (*(cache.incr(key) for key in keys), *(cache.get(key, 0) for key in read))
