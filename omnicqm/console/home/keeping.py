"""What is the same for everybody and costs something is kept for a while."""

from collections.abc import Callable

from django.core.cache import cache
from redis.exceptions import RedisError


def kept[T](key: str, seconds: int, make: Callable[[], T]) -> T:
    """What `make` returned up to `seconds` ago; without a cache it is made anew."""
    try:
        found: T | None = cache.get(key)
    except (RedisError, OSError):
        return make()
    if found is None:
        found = make()
        keep(key, found, seconds)
    return found


def keep(key: str, value: object, seconds: int) -> None:
    """Keep it if that can be done."""
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError):
        return
