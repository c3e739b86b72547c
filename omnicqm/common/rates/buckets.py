"""Taking tokens, and what to tell who took one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from omnicqm.common.rates.connections import counting

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
    wanted = Wanted(key, limit, user)
    return wanted.rates(counting(lambda script: script(**wanted.parameters(1))), 1)[0]


@dataclass(frozen=True)
class Wanted:
    """One of a bucket, for a user. Several that want the same can be served in one round trip."""

    key: str
    limit: int
    user: str

    def parameters(self, count: int) -> dict[str, list[Any]]:
        """Of the script, to take `count`."""
        keys: list[Any] = [f"omnicqm:rate:{self.key}"]
        args: list[Any] = [self.limit, WINDOW_SECONDS * 1000, count]
        if self.user:
            keys, args = [*keys, USE_KEY], [*args, self.user, datetime.now(UTC).date().isoformat()]
        return {"keys": keys, "args": args}

    def rates(self, told: Any, count: int) -> list[Rate | None]:
        """How the bucket stood after each of `count`, from what the script returned for all."""
        if told is None:
            return [None] * count
        taken, left = told[0], told[1] / 1000
        allowed: list[Rate | None] = [Rate(self.limit, left + more, True) for more in reversed(range(taken))]
        return allowed + [Rate(self.limit, left, False)] * (count - taken)
