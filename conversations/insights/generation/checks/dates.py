"""Dates of a text, comparable however they are written: ``3 May``, ``May 3rd, 2026``, ``2026-05-03``, ``3. Mai``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from agents.words import is_odd

_MONTHS = (
    "january jan januar jänner",
    "february feb februar",
    "march mar märz mär",
    "april apr",
    "may mai",
    "june jun juni",
    "july jul juli",
    "august aug",
    "september sept sep",
    "october oct oktober okt",
    "november nov",
    "december dec dezember dez",
)
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_MONTH = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
# Letters that patterns take for i, s and k when case is ignored, and a mark that İ leaves behind in small letters.
_ODD = str.maketrans({"\u0131": "i", "\u017f": "s", "\u212a": "k", "\u0307": None})
# What a date takes, found far faster than any date: looked for first, the month in small letters.
_DASHED, _MARKED = re.compile(r"-\d{1,2}-\d"), re.compile(r"\d[./-]\d{1,2}[./-]\d")
_NAMED = re.compile(rf"(?:{_MONTH})\b")
_IN_DIGITS = tuple(
    (needed, re.compile(pattern, re.IGNORECASE))
    for needed, pattern in (
        (_DASHED, rf"(?<![\d-]){_YEAR}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?!\d)"),
        (
            _MARKED,
            r"(?<!\d)(?P<one>\d{1,2})(?P<sep>[./-])(?P<two>\d{1,2})(?P=sep)(?P<year>(?:19|20)?\d{2})(?!\d)",
        ),
    )
)
_BY_NAME = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<day>\d(?<!\d\d)\d?)(?:st|nd|rd|th|\.)?\s?(?:of\s)?(?P<name>{_MONTH})\b\.?(?:,?\s{_YEAR})?",
        rf"\b(?P<name>{_MONTH})\b\.?\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s{_YEAR})?",
        rf"\b(?P<name>{_MONTH})\b\.?,?\s{_YEAR}",
        rf"\b(?:in|by|im|since|until|last|next|seit|ende|mitte)\s(?P<name>{_MONTH})\b",
    )
)


@dataclass(frozen=True)
class Day:
    """A date as far as it is told; a part of 0 is not told."""

    year: int
    month: int
    day: int

    def agrees(self, other: "Day") -> bool:
        """Whether `other` says as much."""
        return self.month == other.month and self.day in (0, other.day) and self.year in (0, other.year)

    def near(self, at: date) -> "Day":
        """With the year that is meant by somebody who leaves it out and writes `at` that day."""
        if self.year:
            return self
        years = (at.year - 1, at.year, at.year + 1)
        return replace(self, year=min(years, key=lambda year: abs((year - at.year) * 12 + self.month - at.month)))


@dataclass(frozen=True)
class Dating:
    """A date as written, and the days it can mean."""

    written: str
    days: frozenset[Day]


def dates_split(text: str) -> tuple[list[Dating], str]:
    """The dates of `text`, and `text` without them, so that their numbers are not taken for amounts."""
    found: list[Dating] = []
    for needed, pattern in _IN_DIGITS:
        if needed.search(text):
            text = _cut(text, pattern, found)
    for pattern in _BY_NAME:
        if not _names_month(text):  # any more
            break
        text = _cut(text, pattern, found)
    return found, text


def _names_month(text: str) -> bool:
    return _NAMED.search(text.lower()) is not None or is_odd(text)


def _cut(text: str, pattern: re.Pattern[str], found: list[Dating]) -> str:
    """`text` without the dates that look like `pattern`, which are added to `found`."""
    parts, end = [], 0
    for match in pattern.finditer(text):
        if days := frozenset(_days(match.groupdict())):
            found.append(Dating(match[0], days))
            parts += [text[end : match.start()], " ; "]
            end = match.end()
    return "".join([*parts, text[end:]]) if parts else text


def day_of(at: date) -> Day:
    return Day(at.year, at.month, at.day)


def dates_missing(told: Iterable[Dating], known: Iterable[Day]) -> list[str]:
    """Those of `told`, as written, that can mean none of `known`."""
    left = list(told)
    for one in known if left else ():  # which may be read as far as it is asked for
        left = [dating for dating in left if not any(day.agrees(one) for day in dating.days)]
        if not left:
            break
    return [dating.written for dating in left]


def _days(parts: dict[str, str | None]) -> Iterator[Day]:
    year = _year(parts.get("year"))
    if one := parts.get("one"):
        yield from _valid(year, int(str(parts["two"])), int(one))
        yield from _valid(year, int(one), int(str(parts["two"])))
        return
    name = parts.get("name")
    month = _NUMBER_OF[name.lower().translate(_ODD)] if name else int(str(parts["month"]))
    yield from _valid(year, month, int(parts.get("day") or 0))


def _year(written: str | None) -> int:
    if not written:
        return 0
    return int(written) if len(written) == 4 else 2000 + int(written)


def _valid(year: int, month: int, day: int) -> Iterator[Day]:
    if 1 <= month <= 12 and 0 <= day <= 31:
        yield Day(year, month, day)
