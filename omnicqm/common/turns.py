"""Who computes: of hundreds of threads that want the processor in the same moment, a few at a time.

Python lets one thread run anyway. Without turns it gives each a few milliseconds, so that all are ready late, at the
same time; with turns the first ones wait for their model while the last ones are still computed for, and the event
loop, which takes no turn, has few to compete with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 2

_places = BoundedSemaphore(AT_ONCE)


@contextmanager
def processor_turn() -> Iterator[None]:
    """Wait for a turn, first come, first served. For computing alone: nothing in it may wait for anything else, and a
    turn within a turn is an error."""
    with _places:
        yield
