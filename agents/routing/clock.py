"""Time as the router sees it, in one place, so that tests can let it pass without waiting."""

import time
from queue import Empty, Queue
from typing import Any

_LONGEST_WAIT = 3600.0  # seconds; what a thread can wait at once is limited


class Clock:
    """The real one."""

    def now(self) -> float:
        """Seconds of `time.monotonic()`: for deadlines within this process."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970: for moments that several machines compare."""
        return time.time()

    def take(self, inbox: "Queue[Any]", until: float) -> Any:
        """The next thing in `inbox`, waited for until `until` of `now()`; None when nothing came by then."""
        seconds = min(max(0.0, until - self.now()), _LONGEST_WAIT)
        try:
            return inbox.get(timeout=seconds) if seconds else inbox.get_nowait()
        except Empty:
            return None
