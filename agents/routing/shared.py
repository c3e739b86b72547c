"""A small memory that all processes share: Django's cache, which is Valkey.

While Valkey cannot be reached each process remembers for itself; it is never an error and nobody waits for it twice.
"""

from collections.abc import Callable
from uuid import uuid4

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

from agents.routing.clock import Clock
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
AWAY_SECONDS = 5.0  # so long an unreachable cache is not asked again


class SharedMemory:
    """Values by key, each for some seconds."""

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

    def count(self, key: str, *, seconds: float) -> int:
        """One more; the number counted so far."""
        return self._ask(lambda cache: _count(cache, key, seconds))

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


def _count(cache: BaseCache, key: str, seconds: float) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it expired just now
        return 1
