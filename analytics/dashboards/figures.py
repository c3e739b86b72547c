"""How values are written for people."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.catalogue.definition import Direction, Metric, Target, Unit
from analytics.querying import Grain, Period
from analytics.querying.results import Value, change_of, change_unit

NOTHING = "–"
_SPACE = "\u00a0"  # a number and its unit stay together
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def figure(value: Value, unit: Unit) -> str:
    """``1,204``, ``81.2 %``, ``1.24 s``, ``$0.0031``; a dash for no value."""
    if value is None:
        return NOTHING
    match unit:
        case Unit.COUNT:
            return f"{value:,.0f}"
        case Unit.SHARE:
            return f"{100 * float(value):.1f}{_SPACE}%"
        case Unit.SECONDS:
            return _duration(float(value))
        case Unit.MILLISECONDS:
            return f"{value:,.0f}{_SPACE}ms" if value < 1000 else _duration(float(value) / 1000)
        case Unit.USD:
            return _usd(float(value))
        case Unit.TOKENS:
            return _large(float(value))
        case Unit.SCORE:
            return f"{float(value):.2f}"
    return f"{float(value):,.1f}"


def change_figure(value: Value, before: Value, unit: Unit) -> str:
    """How much more than before: of shares in points, of everything else in percent; empty when that means nothing."""
    change = change_of(value, before, unit)
    if change is None:
        return ""
    if change_unit(unit) is Unit.POINTS:
        return f"{_signed(change, 1)}{_SPACE}points"
    return f"{_signed(100 * change, 0)}{_SPACE}%"


def change_tone(value: Value, before: Value, direction: Direction) -> str:
    """Whether a change is ``good``, ``bad`` or neither (empty)."""
    if value is None or before is None or value == before or direction is Direction.NONE:
        return ""
    return "good" if (value > before) == (direction is Direction.UP) else "bad"


def target_figure(target: Target, unit: Unit) -> str:
    """``at least 80.0 %``."""
    if target.least is not None:
        return f"at least {figure(target.least, unit)}"
    return f"at most {figure(target.most, unit)}"


def sample_figure(metric: Metric, n: int | None) -> str:
    """What a value rests on, when that is too little to say it."""
    return f"n = {n or 0:,}, {metric.min_sample} needed"


def bucket_figure(bucket: date | datetime, grain: Grain, zone: ZoneInfo, *, whole: bool = False) -> str:
    """A step of a series: ``30 Nov``; as a `whole` ``Mon 30 Nov 2026``."""
    if isinstance(bucket, datetime):
        local = bucket.astimezone(zone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M}" if whole else f"{local:%H:%M}"
    if grain is Grain.MONTH:
        return f"{bucket:%b %Y}"
    if grain is Grain.WEEK and whole:
        return f"Week of {bucket.day} {bucket:%b %Y}"
    return f"{bucket:%a} {bucket.day} {bucket:%b %Y}" if whole else f"{bucket.day} {bucket:%b}"


def period_figure(period: Period) -> str:
    """``1 – 30 Nov 2026``, with only as much of the first day as differs."""
    first, last = period.first, period.last
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {first:%b %Y} – {end}"
    return f"{first.day} – {end}" if first.month == last.month else f"{first.day} {first:%b} – {end}"


def bucket_period(bucket: date | datetime, grain: Grain, zone: ZoneInfo, within: Period) -> Period:
    """The days of one step, as far as they lie in the period that is shown."""
    if isinstance(bucket, datetime):
        day = bucket.astimezone(zone).date()
        return Period(day, day)
    match grain:
        case Grain.MONTH:
            last = (bucket.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        case Grain.WEEK:
            last = bucket + timedelta(days=6)
        case _:
            last = bucket
    return Period(max(bucket, within.first), min(last, within.last))


def _signed(number: float, places: int) -> str:
    text = f"{abs(number):,.{places}f}"
    return f"±{text}" if not float(text.replace(",", "")) else f"{'+' if number > 0 else '−'}{text}"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.{2 if seconds < 10 else 1}f}{_SPACE}s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.1f}{_SPACE}min"
    return f"{seconds / _HOUR:.1f}{_SPACE}h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f}{_SPACE}days"


def _usd(amount: float) -> str:
    if not amount:
        return "$0"
    places = 2 if abs(amount) >= 1 else 4 if abs(amount) >= 0.001 else 8
    text = f"{abs(amount):,.{places}f}"
    return f"{'−' if amount < 0 else ''}${text.rstrip('0') if places == 8 else text}"


def _large(count: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if count >= size:
            scale = 1e3 if letter == "k" else size
            return f"{count / scale:,.1f}{_SPACE}{letter}"
    return f"{count:,.0f}"
