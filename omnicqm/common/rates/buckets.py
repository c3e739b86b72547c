"""Taking tokens, and what to tell who took one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from omnicqm.common.rates.connections import counting, counting_async

WINDOW_SECONDS = 60
USE_KEY = "omnicqm:use"


@dataclass(frozen=True)
class Rate:
    """How a bucket stands after one was asked of it."""

    limit: int  # requests a minute, and at once
    left: float
    allowed: bool

    @property
    def retry_after(self) -> int:
        """Whole seconds until one more is allowed."""
        return ceil((1 - self.left) * WINDOW_SECONDS / self.limit) if self.left < 1 else 0

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-06, the form most clients read; the reset in seconds."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(int(self.left)),
            "RateLimit-Reset": str(ceil((self.limit - self.left) * WINDOW_SECONDS / self.limit)),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_SECONDS}",
        }


def rate_take(*, key: str, limit: int, user: str = "") -> Rate | None:
    """Take one of the bucket `key`, which holds `limit` and fills in a minute; None while Valkey is away.

    With `user`, the request is counted for that user too (`omnicqm.common.services.use`), in the same round trip.
    """
    keys, args = _parameters(key, limit, user)
    return _rate(limit, counting(lambda script: script(keys=keys, args=args)))


async def rate_take_async(*, key: str, limit: int, user: str = "") -> Rate | None:
    """`rate_take` for asynchronous code."""
    keys, args = _parameters(key, limit, user)
    return _rate(limit, await counting_async(lambda script: script(keys=keys, args=args)))


def _parameters(key: str, limit: int, user: str) -> tuple[list[str], list[Any]]:
    keys, args = [f"omnicqm:rate:{key}"], [limit, WINDOW_SECONDS * 1000]
    if not user:
        return keys, args
    return [*keys, USE_KEY], [*args, user, datetime.now(UTC).date().isoformat()]


def _rate(limit: int, told: Any) -> Rate | None:
    return None if told is None else Rate(limit, left=told[1] / 1000, allowed=bool(told[0]))
