"""The chart of an answer: a Vega-Lite specification made here of the real rows. Labels are data in it and nothing else:
no expression, no field name and no address is ever made of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from analytics.analyst.sentences import list_say_labels
from analytics.analyst.wording import bucket_say, label_say, spec_say, value_say
from analytics.catalogue.definition import Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.querying import Grain, Result, Row
from analytics.querying.results import plain

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # names the language; nobody opens it
MOST_LINES, MOST_BARS, MOST_SLICES = 10, 30, 10
KINDS = ("line", "area", "bar", "stacked", "pie", "table")
_FORMATS = {Unit.SHARE: ".0%", Unit.USD: "$,.4~f", Unit.SCORE: ".2f", Unit.NUMBER: ",.1f"}
_TIMES = {Grain.HOUR: "%d %b %H:%M", Grain.DAY: "%d %b", Grain.WEEK: "%d %b", Grain.MONTH: "%b %Y"}


def chart_make(result: Result, wanted: str = "") -> tuple[dict[str, Any] | None, str, str]:
    """The chart, its kind, and a remark where another kind was wished for; no chart where a table or one figure says
    it all. `wanted` is one of `KINDS` or empty."""
    kind, remark = _kind(result, wanted)
    if kind == "table":
        return None, kind, remark
    marks = {"line": _over_time, "area": _over_time, "pie": _pie}
    chart = marks.get(kind, _over_time if result.spec.grain else _bars)(result, kind)
    shown = {
        "$schema": SCHEMA,
        "description": spec_say(result.spec),
        "width": "container",
        "height": 300,
        "autosize": {"type": "fit", "contains": "padding"},
        "usermeta": {"kind": kind},
        **chart,
    }
    return shown, kind, remark


def _kind(result: Result, wanted: str) -> tuple[str, str]:
    spec = result.spec
    usual = "line" if spec.grain else "bar" if spec.dimensions else "table"
    if usual == "bar" and len(spec.dimensions) == 2 and result.metric.is_additive:
        usual = "stacked"
    nothing = not any(row.value is not None for row in result.rows) or (spec.dimensions and not result.groups)
    if nothing or (spec.grain and len(result.rows) < 2):
        return "table", ""
    if wanted in ("", usual, "table"):
        return wanted or usual, ""
    if usual == "table":
        return usual, "One figure makes no chart: split it first, for example by channel or by day."
    if problem := _unfit(result, wanted):
        return usual, problem
    return wanted, ""


def _unfit(result: Result, wanted: str) -> str:
    spec = result.spec
    if wanted in ("pie", "stacked", "area") and not result.metric.is_additive:
        return (
            f"'{result.metric.title}' of parts does not add up to a whole, so it is not shown as {_ARTICLES[wanted]}."
        )
    if wanted == "pie" and (spec.grain or len(spec.dimensions) != 1):
        return "A pie shows one split and no steps in time, so it stays as it was."
    if wanted in ("line", "area") and not spec.grain:
        return "A line needs steps in time: ask for it by day, week or month."
    if wanted == "stacked" and len(spec.dimensions) + bool(spec.grain) < 2:
        return "Stacks need two splits: ask for it by two things."
    return ""


_ARTICLES = {"pie": "a pie", "stacked": "stacks", "area": "an area"}


def _over_time(result: Result, kind: str) -> dict[str, Any]:
    spec = result.spec
    assert spec.grain
    most = [group.keys for group in result.groups[:MOST_LINES]] if spec.dimensions else [()]
    rows = [row for row in result.rows if row.keys in most]
    time = {
        "field": "time", "type": "temporal", "scale": {"type": "utc"}, "title": None,
        "axis": {"format": _TIMES[spec.grain], "labelOverlap": True, "grid": False},
    }  # fmt: skip
    encoding: dict[str, Any] = {"x": time, "y": _measure(result), "tooltip": _tooltip(result)}
    if spec.dimensions:
        encoding["color"] = {"field": "group", "type": "nominal", "title": _titles(result), "sort": None}
    mark: dict[str, Any] = {"type": "line", "point": True} if kind == "line" else {"type": kind}
    if kind in ("bar", "stacked"):
        mark = {"type": "bar"}
    chart = {"data": {"values": [_datum(result, row) for row in rows]}, "mark": mark, "encoding": encoding}
    if spec.compare and not spec.dimensions and kind == "line":
        return _with_before(chart, result)
    return chart


def _with_before(chart: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """The line, and dashed the one of the period it is held against."""
    encoding = chart["encoding"]
    before = {**encoding, "y": {**encoding["y"], "field": "compare"}}
    layers = [
        {"mark": {"type": "line", "strokeDash": [4, 4], "opacity": 0.7}, "encoding": before},
        {"mark": chart["mark"], "encoding": encoding},
    ]
    return {"data": chart["data"], "layer": layers}


def _bars(result: Result, kind: str) -> dict[str, Any]:
    spec = result.spec
    rows = [row for row in result.rows if row.value is not None][:MOST_BARS]
    is_time = DIMENSIONS[spec.dimensions[0]].is_time
    first: dict[str, Any] = {
        "field": "first",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 180},
    }
    encoding: dict[str, Any] = {"tooltip": _tooltip(result)}
    along, across = ("x", "y") if is_time else ("y", "x")
    encoding[along], encoding[across] = first, _measure(result)
    if len(spec.dimensions) == 2:
        title = DIMENSIONS[spec.dimensions[1]].title
        encoding["color"] = {"field": "second", "type": "nominal", "title": title, "sort": None}
        if kind == "bar":
            encoding[f"{along}Offset"] = {"field": "second", "type": "nominal", "sort": None}
            encoding[across]["stack"] = None
    chart: dict[str, Any] = {"data": {"values": [_datum(result, row) for row in rows]}}
    if not is_time:
        names = len({row.labels[0] for row in rows})
        deep = len(rows) if kind == "bar" else names
        chart["height"] = max(120, min(640, 34 * deep + 30))
    if spec.compare and len(spec.dimensions) == 1:
        before = {along: first, across: {**_measure(result), "field": "compare"}, "tooltip": _tooltip(result)}
        tick = {"mark": {"type": "tick", "thickness": 3, "size": 18}, "encoding": before}
        return {**chart, "layer": [{"mark": "bar", "encoding": encoding}, tick]}
    return {**chart, "mark": "bar", "encoding": encoding}


def _pie(result: Result, kind: str) -> dict[str, Any]:
    rows = [row for row in result.rows if row.value]
    values = [_datum(result, row) for row in rows[:MOST_SLICES]]
    if rest := rows[MOST_SLICES:]:
        total = sum(float(row.value or 0) for row in rest)
        values.append({"group": f"{len(rest)} more", "value": total, "shown": value_say(total, result.metric.unit)})
    encoding = {
        "theta": {"field": "value", "type": "quantitative", "stack": True},
        "color": {"field": "group", "type": "nominal", "title": _titles(result), "sort": None},
        "order": {"field": "value", "type": "quantitative", "sort": "descending"},
        "tooltip": _tooltip(result),
    }
    return {"data": {"values": values}, "mark": {"type": "arc", "innerRadius": 60}, "encoding": encoding}


def _measure(result: Result) -> dict[str, Any]:
    axis: dict[str, Any] = {"format": _FORMATS.get(result.metric.unit, ",.0f")}
    measure: dict[str, Any] = {"field": "value", "type": "quantitative", "title": _axis_title(result), "axis": axis}
    if result.metric.unit in (Unit.COUNT, Unit.TOKENS):
        axis["tickMinStep"] = 1
    return measure


def _axis_title(result: Result) -> str:
    units = {Unit.SECONDS: "seconds", Unit.MILLISECONDS: "ms", Unit.USD: "US$"}
    unit = units.get(result.metric.unit)
    return f"{result.metric.title} ({unit})" if unit else result.metric.title


def _tooltip(result: Result) -> list[dict[str, Any]]:
    spec = result.spec
    parts = [{"field": "when", "type": "nominal", "title": "When"}] if spec.grain else []
    parts += [{"field": "group", "type": "nominal", "title": _titles(result)}] if spec.dimensions else []
    parts.append({"field": "shown", "type": "nominal", "title": result.metric.title})
    parts += [{"field": "before", "type": "nominal", "title": spec.compare.words}] if spec.compare else []
    parts += [{"field": "n", "type": "quantitative", "title": "n"}] if result.metric.sample else []
    return parts


def _titles(result: Result) -> str:
    return " · ".join(DIMENSIONS[name].title for name in result.spec.dimensions)


def _datum(result: Result, row: Row) -> dict[str, Any]:
    spec, unit = result.spec, result.metric.unit
    datum: dict[str, Any] = {"value": plain(row.value), "shown": value_say(row.value, unit)}
    if spec.grain and row.bucket is not None:
        datum |= {"time": _wall(row.bucket), "when": bucket_say(row.bucket, spec.grain)}
    if row.labels:
        datum |= {"group": list_say_labels(row.labels), "first": label_say(row.labels[0])}
    if len(row.labels) > 1:
        datum["second"] = label_say(row.labels[1])
    if spec.compare:
        datum |= {"compare": plain(row.compare), "before": value_say(row.compare, unit)}
    if row.n is not None:
        datum["n"] = row.n
    return datum


def _wall(bucket: date | datetime) -> str:
    """The local time of the clock on the wall, which the chart draws as if it were UTC, wherever it is looked at."""
    if isinstance(bucket, datetime):
        local = timezone.localtime(bucket) if timezone.is_aware(bucket) else bucket
        return f"{local:%Y-%m-%dT%H:%M:%SZ}"
    return f"{bucket.isoformat()}T00:00:00Z"
