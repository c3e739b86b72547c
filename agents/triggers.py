"""Which of many patterns can match a text at all, told by its words: most need not be searched for.

What a pattern matches holds one of its triggers: letters in a row, so that they stand in one word of the text, or a
mark such as ``$``. They are read from the pattern as Python parses it. The words of a language are few, so each is
looked at once for all patterns.
"""

import itertools
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_SHORTEST = 2  # letters; fewer stand in too many words
_LONGEST = 100  # letters; what is longer is no word, and costs more than it saves
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]|_")
_ODD = re.compile("[\u0130\u0131\u017f\u212a]")  # letters that patterns take for i, s and k when case is ignored

Triggers = frozenset[str]


class Patterns:
    """Several patterns, case ignored, searched for as if they were the alternatives of one. Made once, never let go."""

    def __init__(self, sources: Iterable[str]) -> None:
        made = [(place, re.compile(source, re.IGNORECASE), triggers_of(source)) for place, source in enumerate(sources)]
        self._always = [(place, pattern) for place, pattern, triggers in made if triggers is None]
        triggered = [(place, pattern, triggers) for place, pattern, triggers in made if triggers is not None]
        numbers = _register([triggers for _, _, triggers in triggered])
        self._triggered = {number: one[:2] for number, one in zip(numbers, triggered, strict=True)}
        self._numbers = frozenset(self._triggered)

    def search(self, text: str) -> re.Match[str] | None:
        """What matches first in `text`; of those that begin there, the first of the patterns."""
        numbers = _index.of_text(text)
        candidates = self._numbers if numbers is None else self._numbers & numbers
        if not candidates and not self._always:
            return None
        patterns = sorted([*self._always, *(self._triggered[number] for number in candidates)], key=itemgetter(0))
        found = [match for _, pattern in patterns if (match := pattern.search(text))]
        return min(found, key=re.Match.start, default=None)


def triggers_of(pattern: str) -> Triggers | None:
    """The triggers of `pattern` in small letters: one of them stands in every match. None where it has none."""
    return _of_sequence(_parser.parse(pattern, re.IGNORECASE))


# --- Texts -----------------------------------------------------------------------------------------------------------
class _Index:
    """The patterns by their triggers, and what was found out about texts. It never changes: threads that look texts up
    while others make patterns each see one that is whole."""

    def __init__(self, numbers: Mapping[str, frozenset[int]]) -> None:
        self.numbers = numbers
        self._lengths = {len(trigger) for trigger in numbers}
        self.of_text = lru_cache(maxsize=256)(self._of_text)
        self._of_word = lru_cache(maxsize=50_000)(self._of_one_word)

    def _of_text(self, text: str) -> frozenset[int] | None:
        """The patterns whose triggers stand in `text`; None where its letters do not tell."""
        words = set(_WORD.findall(text.lower()))
        if _ODD.search(text) or any(len(word) > _LONGEST for word in words):
            return None
        return frozenset().union(*map(self._of_word, words))

    def _of_one_word(self, word: str) -> frozenset[int]:
        parts = {word[start : start + size] for size in self._lengths for start in range(len(word) - size + 1)}
        return frozenset().union(*(self.numbers[part] for part in parts & self.numbers.keys()))


_index = _Index({})  # of the patterns in this process that have a trigger
_count = itertools.count()
_registering = threading.Lock()


def _register(several: Sequence[Triggers]) -> list[int]:
    """The numbers under which patterns with these triggers are found from now on."""
    global _index
    with _registering:
        made, merged = [next(_count) for _ in several], dict(_index.numbers)
        for number, triggers in zip(made, several, strict=True):
            for trigger in triggers:
                merged[trigger] = merged.get(trigger, frozenset()) | {number}
        _index = _Index(merged)
    return made


# --- Patterns --------------------------------------------------------------------------------------------------------
def _of_sequence(parsed: Any) -> Triggers | None:
    """The best of its parts: each has to match, so each would do; the longer its triggers the rarer they are."""
    candidates = [some for some in (*_runs(parsed), *map(_of_part, parsed)) if some]
    return max(candidates, key=lambda some: min(map(len, some)), default=None)


def _runs(parsed: Any) -> Iterator[Triggers]:
    """The letters that stand beside each other, and the marks."""
    run = ""
    for kind, value in [*parsed, (None, None)]:
        char = chr(value) if kind is op.LITERAL else ""
        if char.isalpha():
            run += char.lower()
            continue
        if len(run) >= _SHORTEST:
            yield frozenset({run})
        if char and not char.isalnum() and not char.isspace():
            yield frozenset({char})
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
