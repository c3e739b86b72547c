"""What is known of this very customer, and from whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.words import words_in


@dataclass(frozen=True)
class Known:
    """`own` are texts the customer wrote or has read, `told` what tools said about them.

    `argued` are the arguments the model called these tools with: what a tool merely repeats, it has not told.
    """

    own: Sequence[str] = ()
    told: Sequence[str] = ()
    argued: Sequence[str] = ()

    @cached_property
    def words(self) -> frozenset[str]:
        return _words(self.own) | (_words(self.told) - _words(self.argued))

    def identifier(self, value: str) -> bool:
        """Whether `value` is there, however it is spaced."""
        wanted = flat(value)
        return wanted in self._own_flat or (wanted in flat(*self.told) and wanted not in flat(*self.argued))

    @cached_property
    def _own_flat(self) -> str:
        return flat(*self.own)


def flat(*texts: str) -> str:
    """Letters and digits alone, lower case; texts stay apart."""
    return "\n".join(re.sub(r"[\W_]+", "", text.lower()) for text in texts)


def _words(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words_in(text))
