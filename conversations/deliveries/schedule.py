"""When a delivery that did not get through is tried again."""

from datetime import timedelta
from secrets import SystemRandom

# Waiting time before each try, after the one before it (Standard Webhooks).
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.2  # at most this part later, so that a receiver that comes back is not met by everybody at once

_random = SystemRandom()


def wait_before_next(tries: int, retry_after: float | None = None) -> timedelta | None:
    """How long to wait after `tries` failed tries, or None when it is time to give up.

    `retry_after` is in seconds, as the other side asked; it can only lengthen the wait, to a day at most.
    """
    if tries >= len(WAITS):
        return None
    wait = WAITS[tries] * (1 + _random.uniform(0, JITTER))
    asked = min(timedelta(seconds=retry_after or 0), LONGEST_WAIT)
    return max(wait, asked)
