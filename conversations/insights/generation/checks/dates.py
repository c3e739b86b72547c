"""Dates of a text, comparable however they are written: ``3 May``, ``May 3rd, 2026``, ``2026-05-03``, ``3. Mai``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

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
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d-]){_YEAR}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?!\d)",
        r"(?<!\d)(?P<one>\d{1,2})(?P<sep>[./-])(?P<two>\d{1,2})(?P=sep)(?P<year>(?:19|20)?\d{2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s?(?:of\s)?(?P<name>{_MONTH})\b\.?(?:,?\s{_YEAR})?",
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
    for pattern in _PATTERNS:
        parts, end = [], 0
        for match in pattern.finditer(text):
            if days := frozenset(_days(match.groupdict())):
                found.append(Dating(match[0], days))
                parts += [text[end : match.start()], " ; "]
                end = match.end()
        text = "".join([*parts, text[end:]])
    return found, text


def day_of(at: date) -> Day:
    return Day(at.year, at.month, at.day)


def dates_missing(told: Iterable[Dating], known: Iterable[Day]) -> list[str]:
    """Those of `told`, as written, that can mean none of `known`."""
    known = list(known)
    return [dating.written for dating in told if not any(day.agrees(one) for day in dating.days for one in known)]


def _days(parts: dict[str, str | None]) -> Iterator[Day]:
    year = _year(parts.get("year"))
    if one := parts.get("one"):
        yield from _valid(year, int(str(parts["two"])), int(one))
        yield from _valid(year, int(one), int(str(parts["two"])))
        return
    name = parts.get("name")
    month = _NUMBER_OF[name.lower()] if name else int(str(parts["month"]))
    yield from _valid(year, month, int(parts.get("day") or 0))


def _year(written: str | None) -> int:
    if not written:
        return 0
    return int(written) if len(written) == 4 else 2000 + int(written)


def _valid(year: int, month: int, day: int) -> Iterator[Day]:
    if 1 <= month <= 12 and 0 <= day <= 31:
        yield Day(year, month, day)
