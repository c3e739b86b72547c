"""Which of many patterns can match a text at all, told by its words: most need not be searched for.

What a pattern matches holds one of its triggers: letters in a row, so that they stand in one word of the text. They are
read from the pattern as Python parses it. The words of a language are few, so each is looked at once for all patterns.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_SHORTEST = 2  # shorter triggers stand in too many words
_LONGEST = 100  # letters; what is longer is no word, and costs more than it saves
_WORD = re.compile(r"[^\W\d_]+")
_ODD = re.compile("[\u0130\u0131\u017f\u212a]")  # letters that patterns take for i, s and k when case is ignored

Triggers = frozenset[str]
_numbers: dict[str, set[int]] = {}  # of the patterns in this process that have a trigger
_count = itertools.count()


class Patterns:
    """Several patterns, case ignored, searched for as if they were the alternatives of one. Made once, never let go."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._always: list[tuple[int, re.Pattern[str]]] = []
        self._triggered: dict[int, tuple[int, re.Pattern[str]]] = {}
        for place, source in enumerate(sources):
            pattern, triggers = re.compile(source, re.IGNORECASE), triggers_of(source)
            if triggers is None:
                self._always.append((place, pattern))
            else:
                self._triggered[_number(triggers)] = (place, pattern)
        self._numbers = frozenset(self._triggered)

    def search(self, text: str) -> re.Match[str] | None:
        """What matches first in `text`; of those that begin there, the first of the patterns."""
        numbers = _triggered_by(text)
        candidates = self._numbers if numbers is None else self._numbers & numbers
        patterns = sorted([*self._always, *(self._triggered[number] for number in candidates)], key=lambda one: one[0])
        found = [match for _, pattern in patterns if (match := pattern.search(text))]
        return min(found, key=re.Match.start, default=None)


def triggers_of(pattern: str) -> Triggers | None:
    """The triggers of `pattern` in small letters: one of them stands in every match. None where it has none."""
    return _of_sequence(_parser.parse(pattern, re.IGNORECASE))


# --- Texts -----------------------------------------------------------------------------------------------------------
def _number(triggers: Triggers) -> int:
    number = next(_count)
    for trigger in triggers:
        _numbers.setdefault(trigger, set()).add(number)
    _triggered_by.cache_clear()
    _triggered_by_word.cache_clear()
    return number


@lru_cache(maxsize=256)
def _triggered_by(text: str) -> frozenset[int] | None:
    """The patterns whose triggers stand in `text`; None where its letters do not tell."""
    words = set(_WORD.findall(text.lower()))
    if _ODD.search(text) or any(len(word) > _LONGEST for word in words):
        return None
    return frozenset().union(*map(_triggered_by_word, words))


@lru_cache(maxsize=50_000)
def _triggered_by_word(word: str) -> frozenset[int]:
    lengths = {len(trigger) for trigger in _numbers}
    parts = {word[start : start + length] for length in lengths for start in range(len(word) - length + 1)}
    return frozenset().union(*(_numbers[part] for part in parts & _numbers.keys()))


# --- Patterns --------------------------------------------------------------------------------------------------------
def _of_sequence(parsed: Any) -> Triggers | None:
    """The best of its parts: each has to match, so each would do; the longer its triggers the rarer they are."""
    candidates = [some for some in (*_runs(parsed), *map(_of_part, parsed)) if some]
    best = max(candidates, key=lambda some: min(map(len, some)), default=None)
    return best if best and min(map(len, best)) >= _SHORTEST else None


def _runs(parsed: Any) -> Iterator[Triggers]:
    """The letters that stand beside each other."""
    run = ""
    for kind, value in [*parsed, (None, None)]:
        if kind is op.LITERAL and chr(value).isalpha():
            run += chr(value).lower()
        elif run:
            yield frozenset({run})
            run = ""


def _of_part(part: tuple[Any, Any]) -> Triggers | None:
    kind, value = part
    if kind is op.SUBPATTERN:
        return _of_sequence(value[3])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[0] > 0:
        return _of_sequence(value[2])
    if kind is op.BRANCH:
        branches = [_of_sequence(branch) for branch in value[1]]
        return None if None in branches else frozenset().union(*branches)  # type: ignore[arg-type]
    return None
