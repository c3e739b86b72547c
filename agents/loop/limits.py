"""What a run may use up. (Turns are counted where they are taken, calls of tools in the toolbox.)"""

import time
from dataclasses import dataclass
from decimal import Decimal

from agents.errors import LimitReached
from agents.providers.base import Usage


@dataclass(frozen=True)
class Limits:
    """`deadline` is the `time.monotonic()` instant at which the run ends; `tokens` counts all kinds, in and out."""

    deadline: float
    tokens: int
    usd: Decimal

    def check(self, used: Usage) -> None:
        """Raises `LimitReached` when there is no time left, or `used` is as much as a run may use."""
        if time.monotonic() >= self.deadline:
            raise LimitReached("The run took longer than it may.")
        tokens = used.input_tokens + used.output_tokens + used.cache_read_tokens + used.cache_write_tokens
        if tokens >= self.tokens:
            raise LimitReached(f"The run used {tokens} tokens; it may use {self.tokens}.")
        if used.cost_usd >= self.usd:
            raise LimitReached(f"The run cost {used.cost_usd:f} USD; it may cost {self.usd:f}.")
