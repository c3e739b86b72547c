"""How many recordings a process takes at the same time, and how many of them from one browser."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from conversations.speech.errors import SpeechBusy
from omnicqm.common.errors import RateLimited

MOST_OF_ONE = 2

_taken: Counter[str] = Counter()
_lock = threading.Lock()


@contextmanager
def place(holder: str, *, most: int = MOST_OF_ONE) -> Iterator[None]:
    """A place for one recording of `holder`. Raises `SpeechBusy`, or `RateLimited` when `holder` has `most`."""
    with _lock:
        if _taken[holder] >= most:
            raise RateLimited("Another recording of yours is still being heard. Wait until its text is there.")
        if _taken.total() >= settings.SPEECH_AT_ONCE:
            raise SpeechBusy
        _taken[holder] += 1
    try:
        yield
    finally:
        with _lock:
            _taken[holder] -= 1
            if not _taken[holder]:
                del _taken[holder]
