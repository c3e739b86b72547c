"""Words for stretches of days, read as somebody means them who looks back from `today`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.querying import Period

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
} | {"fourteen": 14, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "couple": 2}
_MONTH_OF = {name[:3]: number for number, name in enumerate(MONTHS, start=1)} | {
    name: number for number, name in enumerate(MONTHS, start=1)
} | {"sept": 9}  # fmt: skip
_DAY_OF = {name: number for number, name in enumerate(DAYS)}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}

N = rf"\d{{1,4}}|a couple|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}"
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_DAY = "|".join(DAYS)
_ON = r"(?:(?:in|on|for|during|over|within|from|of|at|throughout) )?(?:(?:the|all|all of) )?"
_DATE = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})(?: \d{{4}})?"
    rf"|(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?: \d{{4}})?|the day before yesterday|yesterday|today|now"
    rf"|(?:last |this )?(?:{_DAY})"
)
_START = rf"(?:the )?(?:start|beginning) of (?:the |this )?(?:{_MONTH}|week|month|quarter|year)(?: \d{{4}})?"
_EDGE = (
    rf"{_START}|{_DATE}|(?:last|this) (?:week|month|quarter|year)|(?:{_MONTH})(?: \d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)?"
)


class FutureAsked(Exception):
    """A period that has not begun."""


@dataclass(frozen=True)
class Found:
    """`words` of the question make `period`; with `note` there is something to say about it."""

    words: int
    period: Period
    note: str = ""


def period_read(text: str, today: date) -> Found | None:
    """The period `text` begins with, if any. Raises `FutureAsked`."""
    found = None
    for pattern, make in _PATTERNS:
        match = pattern.match(text)
        if match and match[0] != "may" and (period := make(match, today)):
            words = len(match[0].split())
            if found is None or words > found.words:
                found = Found(words, _past(period, today), _note(match))
    return found


def _note(match: re.Match[str]) -> str:
    if "hours" in match[0]:
        return f"Periods are whole days: the {match[0].removeprefix('in ').removeprefix('the ')} are read as the days they touch."
    return ""


def _past(period: Period, today: date) -> Period:
    if period.first > today:
        raise FutureAsked
    return Period(period.first, min(period.last, today))


def number_of(text: str) -> int:
    text = text.removeprefix("a ")
    return int(text) if text.isdigit() else NUMBERS[text]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    number = day.year * 12 + day.month - 1 - months
    first = date(number // 12, number % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _month(number: int, year: str | None, today: date) -> Period:
    of = int(year) if year else today.year - (number > today.month)
    return Period(date(of, number, 1), month_end(date(of, number, 1)))


def _quarter(number: int, year: str | None, today: date) -> Period:
    of = int(year) if year else today.year - (number > (today.month + 2) // 3)
    return Period(date(of, number * 3 - 2, 1), month_end(date(of, number * 3, 1)))


def _unit_start(unit: str, day: date) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def _unit(unit: str, today: date) -> Period:
    """The one that `today` is in, so far."""
    return Period(_unit_start(unit, today), today)


def _unit_before(unit: str, today: date) -> Period:
    last = _unit_start(unit, today) - timedelta(days=1)
    return Period(_unit_start(unit, last), last)


def _back(count: int, unit: str, today: date) -> Period | None:
    if not 1 <= count <= 1100:
        return None
    if unit == "hour":
        return Period(today - timedelta(days=(count + 23) // 24), today) if count in (24, 48, 72) else None
    if unit in ("month", "year", "quarter"):
        months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
        return Period(months_before(today, months) + timedelta(days=1), today) if months <= 36 else None
    days = count * (7 if unit == "week" else 1)
    return Period(today - timedelta(days=days - 1), today) if days <= 1100 else None


def day_read(text: str, today: date) -> date | None:
    """A single day."""
    text = text.strip()
    if text in ("today", "now", "yesterday", "the day before yesterday"):
        return today - timedelta(days={"yesterday": 1, "the day before yesterday": 2}.get(text, 0))
    if found := re.fullmatch(rf"(last |this )?({_DAY})", text):
        back = (today.weekday() - _DAY_OF[found[2]]) % 7
        return today - timedelta(days=back or (7 if found[1] == "last " else 0))
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        found = re.fullmatch(rf"(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})(?: (\d{{4}}))?", text)
        if found:
            return _dated(int(found[1]), found[2], found[3], today)
        found = re.fullmatch(rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?", text)
        return _dated(int(found[2]), found[1], found[3], today) if found else None
    except ValueError:
        return None


def _dated(day: int, month: str, year: str | None, today: date) -> date:
    """Without a year the latest that has been."""
    made = date(int(year or today.year), _MONTH_OF[month], day)
    return made if year or made <= today else made.replace(year=today.year - 1)


def _edge(text: str, today: date, *, ends: bool) -> date | None:
    """The first or last day of what stands at one end of a stretch."""
    text = text.strip()
    if day := day_read(text, today):
        return day
    if found := re.fullmatch(
        rf"(?:the )?(?:start|beginning) of (?:the |this )?({_MONTH}|week|month|quarter|year)(?: (\d{{4}}))?", text
    ):
        unit = found[1]
        return _month(_MONTH_OF[unit], found[2], today).first if unit in _MONTH_OF else _unit_start(unit, today)
    period = None
    if found := re.fullmatch(rf"({_MONTH})(?: (\d{{4}}))?", text):
        period = _month(_MONTH_OF[found[1]], found[2], today)
    elif found := re.fullmatch(r"(last|this) (week|month|quarter|year)", text):
        period = (_unit if found[1] == "this" else _unit_before)(found[2], today)
    return (period.last if ends else period.first) if period else None


def _stretch(match: re.Match[str], today: date) -> Period | None:
    begin, end = match["a"], match["b"]
    last = _edge(end, today, ends=True)
    if last is None:
        return None
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", begin):  # 3 to 9 November
        try:
            first: date | None = last.replace(day=int(re.sub(r"\D", "", begin)))
        except ValueError:
            return None
    elif re.fullmatch(rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?", begin) and re.fullmatch(
        r"\d{1,2}(?:st|nd|rd|th)?", end
    ):
        first = day_read(begin, today)
    else:
        first = _edge(begin, today, ends=False)
    if first and first > last and not re.search(r"\d{4}", begin):  # November to January
        first = months_before(first, 12)
    return Period(first, last) if first and first <= last else None


def _since(match: re.Match[str], today: date) -> Period | None:
    first = _edge(match["a"], today, ends=False)
    if first is None:
        return None
    if first > today:
        raise FutureAsked
    return Period(first, today)


def _single(match: re.Match[str], today: date) -> Period | None:
    day = day_read(match["a"], today)
    return Period(day, day) if day else None


def _week_number(match: re.Match[str], today: date) -> Period | None:
    try:
        first = date.fromisocalendar(int(match["y"] or today.isocalendar().year), int(match["n"]), 1)
    except ValueError:
        return None
    return Period(first, first + timedelta(days=6))


def _weekend(match: re.Match[str], today: date) -> Period:
    saturday = _unit_start("week", today) - timedelta(days=2)
    return Period(saturday, saturday + timedelta(days=1))


def _half(match: re.Match[str], today: date) -> Period:
    year, second = int(match["y"] or today.year), match["n"] in ("h2", "second half of the year", "second half of")
    return Period(date(year, 7 if second else 1, 1), date(year, 12, 31) if second else date(year, 6, 30))


def _whole_year(match: re.Match[str], today: date) -> Period:
    return Period(date(int(match["y"]), 1, 1), date(int(match["y"]), 12, 31))


_Make = Callable[[re.Match[str], date], Period | None]
_RULES: tuple[tuple[str, _Make], ...] = (
    (r"today(?: so far)?|so far today", lambda m, t: Period(t, t)),
    (rf"(?P<a>yesterday|the day before yesterday|(?:last |this )(?:{_DAY}))", _single),
    (rf"on (?:the )?(?P<a>{_DATE})", _single),
    (r"(?P<a>\d{4}-\d{2}-\d{2})", _single),
    (rf"(?P<a>\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})(?: \d{{4}})?)", _single),
    (rf"(?P<a>(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?: \d{{4}})?)(?! \d)", _single),
    (r"(?P<n>\d{1,3}) days ago", lambda m, t: Period(t - timedelta(days=int(m["n"])), t - timedelta(days=int(m["n"])))),
    (r"this (?P<u>week|month|quarter|year)(?: so far| to date)?", lambda m, t: _unit(m["u"], t)),
    (r"(?:the )?(?:current|running) (?P<u>week|month|quarter|year)(?: so far| to date)?", lambda m, t: _unit(m["u"], t)),
    (r"(?P<u>week|month|quarter|year) to date", lambda m, t: _unit(m["u"], t)),
    (r"(?P<u>[wmqy])td", lambda m, t: _unit({"w": "week", "m": "month", "q": "quarter", "y": "year"}[m["u"]], t)),
    (r"so far (?:this|in this|in the) (?P<u>week|month|quarter|year)", lambda m, t: _unit(m["u"], t)),
    (r"(?:last|previous) (?P<u>week|month|quarter|year)", lambda m, t: _unit_before(m["u"], t)),
    (r"past (?P<u>week|month|quarter|year)", lambda m, t: Period(t - timedelta(days={"week": 7, "month": 30, "quarter": 90, "year": 365}[m["u"]] - 1), t)),
    (rf"(?:last|past|previous|recent) (?P<n>{N})(?: of)? (?P<u>hour|day|week|month|quarter|year)s?", lambda m, t: _back(number_of(m["n"]), m["u"], t)),
    (r"last (?:half year|half a year)", lambda m, t: _back(6, "month", t)),
    (r"last weekend", _weekend),
    (rf"(?:this )?(?P<m>{_MONTH})(?: (?:of )?(?P<y>20\d\d))?(?: so far| to date)?", lambda m, t: _month(_MONTH_OF[m["m"]], m["y"], t)),
    (r"q(?P<q>[1-4])(?: (?:of )?(?P<y>20\d\d))?", lambda m, t: _quarter(int(m["q"]), m["y"], t)),
    (r"(?P<o>first|second|third|fourth|1st|2nd|3rd|4th) quarter(?: (?:of )?(?P<y>20\d\d))?", lambda m, t: _quarter(_ORDINALS[m["o"]], m["y"], t)),
    (r"(?P<n>h1|h2|(?:first|second) half of(?: the year)?)(?: (?:of )?(?P<y>20\d\d))?", _half),
    (r"(?:calendar )?week (?P<n>\d{1,2})(?: (?:of )?(?P<y>20\d\d))?", _week_number),
    (r"(?P<y>20\d\d)(?! ?\d)", _whole_year),
    (rf"(?:since|starting|as of|from) (?P<a>{_EDGE})(?: on| onwards?| until (?:now|today)| till (?:now|today)| to (?:now|today))?(?! (?:to|until|till|through) )", _since),
    (rf"(?:between|from) (?:the )?(?P<a>{_EDGE}) (?:and|to|until|till|through|up to) (?:the )?(?P<b>{_DATE}|(?:{_MONTH})(?: \d{{4}})?|last (?:week|month))", _stretch),
    (rf"(?P<a>{_DATE}|\d{{1,2}}(?:st|nd|rd|th)?|{_MONTH}) (?:to|until|till|through) (?P<b>{_DATE}|(?:{_MONTH})(?: \d{{4}})?)", _stretch),
    (r"(?:all time|ever|since ever|since the beginning)", lambda m, t: Period(t - timedelta(days=1099), t)),
)  # fmt: skip
_PATTERNS = tuple((re.compile(rf"{_ON}(?:{rule})(?!\S)"), make) for rule, make in _RULES)
PERIOD_WORDS = frozenset(
    (*MONTHS, *_MONTH_OF, *DAYS, *NUMBERS, *_ORDINALS, "today", "yesterday", "week", "month", "quarter", "year", "day",
     "weeks", "months", "days", "years", "hours", "quarters", "since", "between", "from", "until", "till", "through",
     "last", "past", "previous", "this", "current", "date", "ytd", "mtd", "qtd", "wtd", "so", "far", "start", "before",
     "beginning", "weekend", "half", "ago", "calendar", "onwards", "recent", "during", "within", "over")
)  # fmt: skip
