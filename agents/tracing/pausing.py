"""How long MLflow is left alone after it failed. A pause begins before MLflow is asked and is lifted by its answer, so
that one that hangs until the worker is killed has begun one too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.cache import cache

from omnicqm.common.cache import kept_get
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=5)
_PAUSE, _FAILURES, _LAST = "tracing:pause", "tracing:failures", "tracing:last"
_REMEMBERED = 86_400  # seconds


def is_paused() -> bool:
    return bool(kept_get(_PAUSE))


def failure_note(name: str) -> None:
    """Tell whoever watches the log, and remember it for those who ask."""
    log.error("tracing_away", error=name)
    cache.set(_LAST, name, _REMEMBERED)


def failure_last() -> str:
    """The name of the error MLflow last failed with, empty after it answered."""
    return str(kept_get(_LAST) or "")


@contextmanager
def pause_unless_answered() -> Iterator[None]:
    """Whoever leaves the block by an exception, or never, leaves a pause behind: each longer than the one before."""
    failures = int(cache.get(_FAILURES) or 0)
    seconds = min(FIRST * 2 ** min(failures, 10), LONGEST).total_seconds()
    cache.set(_PAUSE, 1, seconds)
    cache.set(_FAILURES, failures + 1, 3600)
    yield
    cache.delete_many([_PAUSE, _FAILURES, _LAST])
