"""Threads that were made to hang alone: whoever waits for what they do can stop waiting, whatever they do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_here = threading.local()


@contextmanager
def hanging_alone() -> Iterator[None]:
    """This thread is such a one."""
    _here.alone = True
    try:
        yield
    finally:
        _here.alone = False


def hangs_alone() -> bool:
    """Whether this thread is: what may hang then needs none of its own."""
    return getattr(_here, "alone", False)
