"""Amounts and other numbers of a text, comparable however written: ``$1,200.50`` and ``1.200,50 USD`` agree."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_SYMBOLS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee", "%": "percent"}
_WORDS = {
    **dict.fromkeys(("usd", "us$", "dollar", "dollars", "bucks"), "dollar"),
    **dict.fromkeys(("eur", "euro", "euros"), "euro"),
    **dict.fromkeys(("gbp", "pound", "pounds", "quid"), "pound"),
    **dict.fromkeys(("chf", "franken", "francs"), "franc"),
    **dict.fromkeys(("percent", "prozent", "pct"), "percent"),
    **dict.fromkeys(("cent", "cents"), "cent"),
    **dict.fromkeys(("jpy", "yen"), "yen"),
    **dict.fromkeys(("inr", "rupee", "rupees"), "rupee"),
}
_UNIT = "|".join(sorted((re.escape(word) for word in (*_SYMBOLS, *_WORDS)), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?:(?<![\w$])(?P<before>{_UNIT})\s?)?(?<![\w.,])(?P<minus>[-−–](?=\d))?"
    r"(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,'’]\d+)*)"
    rf"(?:st|nd|rd|th)?(?:\s?[-–]?(?P<after>{_UNIT})(?!\w))?",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_BEFORE_DIGIT = max(map(len, (*_SYMBOLS, *_WORDS))) + len(" -")  # a unit at most
_SPELLED = (
    "one two three four five six seven eight nine ten eleven twelve",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
)
_SPELLED_VALUES = {word: Decimal(n) for line in _SPELLED for n, word in enumerate(line.split(), start=1)}
_SPELLED_VALUES |= {"eine": Decimal(1), "einen": Decimal(1), "a": Decimal(1), "an": Decimal(1), "once": Decimal(1)}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Figure:
    """A number as written, the values it can mean, and its unit ("" when none is told)."""

    written: str
    values: frozenset[Decimal]
    unit: str = ""

    def agrees(self, other: "Figure") -> bool:
        """Whether `other` says as much: a value of this one, in its unit."""
        return bool(self.values & other.values) and self.unit in ("", other.unit)


_SPELLED_FIGURES = {word: Figure(word, frozenset({value})) for word, value in _SPELLED_VALUES.items()}


def figures_in(text: str) -> list[Figure]:
    """The numbers of `text` in digits."""
    found, place = list[Figure](), 0
    while digit := _DIGIT.search(text, place):  # found far faster than a figure, which begins shortly before it
        match = _FIGURE.search(text, max(place, digit.start() - _BEFORE_DIGIT))
        if match is None:
            break
        found.append(_figure(match))
        place = match.end()
    return found


def spelled_in(text: str) -> list[Figure]:
    """Small numbers written as words: what is told with them may be repeated in digits."""
    return [_SPELLED_FIGURES[word] for word in {word.lower() for word in _WORD.findall(text)} & _SPELLED_FIGURES.keys()]


def figures_missing(told: Iterable[Figure], known: Iterable[Figure]) -> list[str]:
    """Those of `told`, as written, that agree with none of `known`."""
    left = list(told)
    for other in known if left else ():  # which may be read as far as it is asked for
        left = [figure for figure in left if not figure.agrees(other)]
        if not left:
            break
    return [figure.written for figure in left]


def _figure(match: re.Match[str]) -> Figure:
    unit = (match["after"] or match["before"] or "").lower()
    return Figure(match[0].strip(), number_readings(match["number"]), _SYMBOLS.get(unit) or _WORDS.get(unit, ""))


def number_readings(written: str) -> frozenset[Decimal]:
    """The values a number can mean: a lone separator before three digits may part thousands or decimals."""
    if written.isdecimal():
        return frozenset({Decimal(written)})
    plain = re.sub(r"[\s'’]", "", written)
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return frozenset({Decimal(plain)})
    whole, _, rest = plain.rpartition(marks[-1])
    grouped, decimal = Decimal(re.sub(r"[.,]", "", plain)), Decimal(f"{re.sub(r'[.,]', '', whole)}.{rest}")
    if len(set(marks)) > 1:
        return frozenset({decimal})
    if len(marks) > 1:
        return frozenset({grouped})
    return frozenset({grouped, decimal}) if len(rest) == 3 else frozenset({decimal})
