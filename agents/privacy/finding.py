"""Where personal data stands in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agents.privacy.kinds import FINDERS, Kind

_ESCAPED = re.compile(r"\\[nrt]")  # a line's end inside JSON is no letter before what follows


@dataclass(frozen=True)
class Personal:
    """Something personal: ``text[start:end]`` is `value`."""

    kind: Kind
    start: int
    end: int
    value: str


@lru_cache(maxsize=512)
def personal_find(text: str) -> tuple[Personal, ...]:
    """Everything recognised in `text`, which may be JSON, in its order, without overlaps; of two kinds the one defined
    first wins, of one kind the longer."""
    taken: list[Personal] = []
    for found in _all(text):
        if all(found.end <= other.start or other.end <= found.start for other in taken):
            taken.append(found)
    return tuple(sorted(taken, key=lambda found: found.start))


def _all(text: str) -> Iterator[Personal]:
    read = _ESCAPED.sub("\n\n", text)  # as long as before
    for kind, find in FINDERS.items():
        for start, end in sorted(find(read), key=lambda span: span[0] - span[1]):
            yield Personal(kind, start, end, text[start:end])
