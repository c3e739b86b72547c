"""How often somebody may do something. Counted in the shared cache, so all processes count together."""

import time
from dataclasses import dataclass, field

from django.core.cache import cache
from redis.exceptions import RedisError

from omnicqm.common.errors import RateLimited
from omnicqm.common.logs import get_logger

log = get_logger(__name__)


def limit_take(*, name: str, key: str, most: int, seconds: int) -> None:
    """Count one for `key`. Raises `RateLimited` beyond `most` in a window of `seconds`.

    Without the cache everything is let through: a limit is not worth an outage.
    """
    window = int(time.time() // seconds)
    slot = f"limit:{name}:{key}:{window}"
    try:
        cache.add(slot, 0, timeout=seconds * 2)
        taken = cache.incr(slot)
    except (RedisError, ValueError) as error:
        log.warning("limit_not_counted", limit=name, error=type(error).__name__)
        return
    if taken > most:
        raise RateLimited(f"That is more than {most} in {_spoken(seconds)}. Wait a moment and try again.")


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


@dataclass
class Bucket:
    """Lets `burst` through at once and `per_second` on average. One connection's own, in memory."""

    burst: float
    per_second: float
    _level: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._level, self._at = self.burst, time.monotonic()

    def take(self) -> bool:
        """Take one; False when there is none left."""
        now = time.monotonic()
        self._level = min(self.burst, self._level + (now - self._at) * self.per_second)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True
