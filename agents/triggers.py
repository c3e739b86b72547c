"""Which of many patterns can match a text at all, told by its words: most need not be searched for.

What a pattern matches holds one of its triggers: letters in a row, so that they stand in one word of the text, or a
mark such as ``$``. They are read from the pattern as Python parses it. The words of a language are few, so each is
looked at once for all patterns. Most patterns ask for several things; a text that holds the rarest need not hold the
others, and is searched only if it does.
"""

import itertools
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from agents.words import is_odd

_SHORTEST = 2  # letters; fewer stand in too many words
_LONGEST = 100  # letters; what is longer is no word, and costs more than it saves
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]|_")
_ASCII_WORD = re.compile(r"[a-z]+|[!-/:-@[-`{-~]")  # the same in a text of plain letters, found twice as fast
_TRIGGER = re.compile(rf"[^\W\d_]{{{_SHORTEST},}}|[^\w\s]|_")
_SPACE = (op.LITERAL, ord(" "))

Triggers = frozenset[str]
Need = frozenset[str]  # one of these stands in every match, spaces and all


class Patterns:
    """Several patterns, case ignored, searched for as if they were the alternatives of one. Made once, never let go."""

    def __init__(self, sources: Iterable[str]) -> None:
        made = [_Placed(place, source) for place, source in enumerate(sources)]
        self.always = [one for one in made if one.triggers is None]
        triggered = [(one, one.triggers) for one in made if one.triggers is not None]
        numbers = _register([triggers for _, triggers in triggered])
        self.triggered = {number: one for number, (one, _) in zip(numbers, triggered, strict=True)}
        self._numbers = frozenset(self.triggered)

    def search(self, text: str) -> re.Match[str] | None:
        """What matches first in `text`; of those that begin there, the first of the patterns."""
        patterns = sorted(self._candidates(text), key=attrgetter("place"))
        found = [match for one in patterns if (match := one.pattern.search(text))]
        return min(found, key=re.Match.start, default=None)

    def _candidates(self, text: str) -> list["_Placed"]:
        numbers = _index.of_text(text)
        if numbers is None:
            return [*self.always, *self.triggered.values()]
        if numbers.isdisjoint(self._numbers):
            return self.always
        small = text.lower()
        triggered = (self.triggered[number] for number in self._numbers & numbers)
        return [*self.always, *(one for one in triggered if one.may_match(small))]


class Gate:
    """Whether any of several `Patterns` can match: one look for all of them, and most texts need no other."""

    def __init__(self, several: Iterable[Patterns]) -> None:
        several = list(several)
        self._always = any(patterns.always for patterns in several)
        self._triggered = {number: one for patterns in several for number, one in patterns.triggered.items()}
        self._numbers = frozenset(self._triggered)

    def lets_in(self, text: str) -> bool:
        """False only where none matches."""
        numbers = _index.of_text(text)
        if self._always or numbers is None:
            return True
        candidates = self._numbers & numbers
        small = text.lower()
        return any(self._triggered[number].may_match(small) for number in candidates)


class _Placed:
    """A pattern and its place among others."""

    def __init__(self, place: int, source: str) -> None:
        self.place, self.pattern = place, re.compile(source, re.IGNORECASE)
        self._needs = _needs_of(_parser.parse(source, re.IGNORECASE))
        self.triggers = _rarest(self._needs)

    def may_match(self, small: str) -> bool:
        """Whether `small`, a text in small letters, holds whatever a match takes."""
        return all(any(map(small.__contains__, need)) for need in self._needs)


def triggers_of(pattern: str) -> Triggers | None:
    """The triggers of `pattern` in small letters: one of them stands in every match. None where it has none."""
    return _rarest(_needs_of(_parser.parse(pattern, re.IGNORECASE)))


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
        words = set((_ASCII_WORD if text.isascii() else _WORD).findall(text.lower()))
        if max(map(len, words), default=0) > _LONGEST or is_odd(text):
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
def _needs_of(parsed: Any, before: str = "") -> list[Need]:
    """What every match holds. `before` is what always stands before it, a space or nothing, so that "an" is not seen
    in "plan"."""
    needs, run = list[Need](), before
    for kind, value in [*parsed, (None, None)]:
        if kind is op.LITERAL:
            run += chr(value).lower()
            continue
        if run.strip():
            needs.append(frozenset({run}))
        before = " " if run.endswith(" ") else ""
        needs += _needs_of_part(kind, value, before)
        run = before if kind is op.MAX_REPEAT and list(value[2])[-1:] == [_SPACE] else ""
    return sorted(needs, key=_shortest, reverse=True)


def _needs_of_part(kind: Any, value: Any, before: str) -> list[Need]:
    if kind is op.SUBPATTERN:
        return _needs_of(value[3], before)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[0] > 0:
        return _needs_of(value[2], before)
    if kind is op.BRANCH:
        choices = [_needs_of(choice, before)[:1] for choice in value[1]]
        return [frozenset().union(*(need for [need] in choices))] if all(choices) else []
    return []


def _rarest(needs: Iterable[Need]) -> Triggers | None:
    """Each need would do; the longer its triggers the rarer they are."""
    return max(filter(None, map(_triggers_in, needs)), key=_shortest, default=None)


def _triggers_in(need: Need) -> Triggers | None:
    triggers = frozenset(max(_TRIGGER.findall(one), key=len, default="") for one in need)
    return None if "" in triggers else triggers


def _shortest(some: Iterable[str]) -> int:
    return min(map(len, some))
