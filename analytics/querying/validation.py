"""From JSON data to a spec that the catalogue knows. Whatever is not in the catalogue is refused here."""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS, metric_dimensions
from analytics.catalogue.values import dimension_values
from analytics.errors import SpecInvalid
from analytics.querying.spec import Compare, Filter, Grain, Period, QuerySpec
from omnicqm.common.text import line_clean

FIELDS = ("metric", "dimensions", "grain", "period", "compare", "filters", "top", "text")
MOST_DAYS = 1100
MOST_DAYS_BY_HOUR = 31
MOST_DIMENSIONS = 2
MOST_FILTERS = 10
MOST_VALUES = 50
MOST_TOP = 100
MOST_TEXT = 500
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def spec_read(data: object) -> QuerySpec:
    """The spec that `data` describes. Raises `SpecInvalid` with the field, the reason and the remedy."""
    if not isinstance(data, Mapping):
        raise SpecInvalid("A query is an object with the fields: " + ", ".join(FIELDS) + ".", param="query")
    if unknown := [str(name) for name in data if name not in FIELDS]:
        raise SpecInvalid(f"There is no field {_shown(unknown[0])}. Use: {', '.join(FIELDS)}.", param="query")
    return spec_check(
        QuerySpec(
            metric=_name(data.get("metric"), "metric", METRICS),
            period=_period(data.get("period")),
            dimensions=_dimensions(data.get("dimensions")),
            grain=_choice(Grain, data.get("grain"), "grain"),
            compare=_choice(Compare, data.get("compare"), "compare"),
            filters=_filters(data.get("filters")),
            top=_top(data.get("top")),
            text=_text(data.get("text")),
        )
    )


def spec_check(spec: QuerySpec) -> QuerySpec:
    """The spec itself, when the catalogue can answer it. Raises `SpecInvalid`."""
    if spec.metric not in METRICS:
        _name(spec.metric, "metric", METRICS)
    _period_check(spec)
    known = metric_dimensions(METRICS[spec.metric])
    if len(spec.dimensions) > MOST_DIMENSIONS or len(set(spec.dimensions)) < len(spec.dimensions):
        raise SpecInvalid(f"Split by at most {MOST_DIMENSIONS} different dimensions.", param="dimensions")
    for name in spec.dimensions:
        _belongs(name, "dimensions", spec.metric, known)
    if len(spec.filters) > MOST_FILTERS:
        raise SpecInvalid(f"Filter by at most {MOST_FILTERS} conditions.", param="filters")
    for kept in spec.filters:
        _belongs(kept.dimension, "filters", spec.metric, known)
        _values_check(kept)
    if spec.top is not None and not 1 <= abs(spec.top) <= MOST_TOP:
        raise SpecInvalid(f"'top' is a whole number from 1 to {MOST_TOP}, below 0 for the smallest.", param="top")
    if spec.top is not None and not spec.dimensions:
        raise SpecInvalid(
            "'top' needs a dimension whose largest values it keeps. Name one, or leave it out.", param="top"
        )
    return spec


def _period_check(spec: QuerySpec) -> None:
    first, last = spec.period.first, spec.period.last
    if first > last:
        raise SpecInvalid(f"The period ends ({last}) before it begins ({first}). Swap them.", param="period")
    if not (first >= FIRST_DAY and last <= LAST_DAY):
        raise SpecInvalid(f"A period lies between {FIRST_DAY} and {LAST_DAY}.", param="period")
    most = MOST_DAYS_BY_HOUR if spec.grain is Grain.HOUR else MOST_DAYS
    if spec.period.days > most:
        coarser = " by hour; ask by day" if spec.grain is Grain.HOUR else ""
        raise SpecInvalid(
            f"A period has at most {most:,} days{coarser}. This one has {spec.period.days:,}.", param="period"
        )


def _belongs(name: str, param: str, metric: str, known: tuple[str, ...]) -> None:
    if name not in DIMENSIONS:
        _name(name, param, DIMENSIONS)
    if name not in known:
        title = METRICS[metric].title
        raise SpecInvalid(f"'{title}' is not known by {name}. Use: {', '.join(known)}.", param=param)


def _values_check(kept: Filter) -> None:
    if not 1 <= len(kept.values) <= MOST_VALUES:
        raise SpecInvalid(f"A filter names 1 to {MOST_VALUES} values.", param="filters")
    known = dimension_values(DIMENSIONS[kept.dimension])
    for value in kept.values:
        if value not in known:
            near = _near(value, known) or list(known)[:8]
            raise SpecInvalid(
                f"No {kept.dimension} is called {_shown(value)}. Known: {', '.join(near) or 'none yet'}.",
                param="filters",
            )


def _name(value: object, param: str, known: Mapping[str, Any]) -> str:
    if isinstance(value, str) and value in known:
        return value
    near = _near(value, known)
    remedy = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(known)}."
    raise SpecInvalid(f"There is no {_what(param)} {_shown(value)}. {remedy}", param=param)


def _near(value: object, known: Iterable[str]) -> list[str]:
    """Names that may have been meant."""
    return get_close_matches(value, known, n=3) if isinstance(value, str) and len(value) <= 100 else []


def _what(param: str) -> str:
    return "metric" if param == "metric" else "dimension"


def _choice[E: StrEnum](kind: type[E], value: object, param: str) -> E | None:
    if value is None:
        return None
    if isinstance(value, str) and value in set(kind):
        return kind(value)
    raise SpecInvalid(f"'{param}' is {', '.join(kind)} or null, not {_shown(value)}.", param=param)


def _period(value: object) -> Period:
    if not isinstance(value, Mapping) or set(value) != {"from", "to"}:
        raise SpecInvalid("'period' is an object with 'from' and 'to', two days such as 2026-11-30.", param="period")
    return Period(_day(value["from"]), _day(value["to"]))


def _day(value: object) -> date:
    if isinstance(value, str) and len(value) == 10 and value.isascii():
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise SpecInvalid(f"{_shown(value)} is no day. Write it as 2026-11-30.", param="period")


def _dimensions(value: object) -> tuple[str, ...]:
    return tuple(_name(name, "dimensions", DIMENSIONS) for name in _list(value, "dimensions", MOST_DIMENSIONS))


def _filters(value: object) -> tuple[Filter, ...]:
    return tuple(_filter(entry) for entry in _list(value, "filters", MOST_FILTERS))


def _filter(entry: object) -> Filter:
    if not isinstance(entry, Mapping) or not {"dimension", "values"} <= set(entry) <= {"dimension", "op", "values"}:
        raise SpecInvalid("A filter is an object with 'dimension', 'values' and perhaps 'op'.", param="filters")
    if entry.get("op", "in") not in ("in", "not_in"):
        raise SpecInvalid(f"'op' of a filter is in or not_in, not {_shown(entry['op'])}.", param="filters")
    values = _list(entry["values"], "filters", MOST_VALUES)
    if not all(isinstance(value, str) for value in values):
        raise SpecInvalid("The values of a filter are texts.", param="filters")
    dimension = _name(entry["dimension"], "filters", DIMENSIONS)
    return Filter(dimension, tuple(values), negated=entry.get("op") == "not_in")


def _list(value: object, param: str, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list | tuple) or len(value) > most:
        raise SpecInvalid(f"'{param}' takes a list of at most {most} entries.", param=param)
    return list(value)


def _top(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecInvalid(f"'top' is a whole number from 1 to {MOST_TOP}, or null.", param="top")
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise SpecInvalid(f"'text' has at most {MOST_TEXT} characters.", param="text")
    return line_clean(value)


def _shown(value: object) -> str:
    """What was given, short and harmless, for a message."""
    return f"'{line_clean(value)[:60]}'" if isinstance(value, str) else "of that kind"
