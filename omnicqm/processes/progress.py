"""What the terminal shows while the installation starts: one line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


class Progress:
    """Lines on `stream`. A terminal that has gone away is no reason to stop."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def say(self, text: str = "", end: str = "\n") -> None:
        with suppress(OSError, ValueError):
            print(text, end=end, file=self._stream, flush=True)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Show `label` at once, and how long the block took when it is done."""
        self.say(f"  {label:<26}", end="")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.say("stopped")
            raise
        self.say(f"{time.monotonic() - started:5.1f} s")
