"""The sentence of an answer, made of the figures themselves."""

from collections.abc import Sequence

from analytics.analyst.wording import (
    COMPARED,
    bucket_say,
    change_say,
    filter_say,
    label_say,
    list_say,
    period_say,
    stretch_say,
    value_say,
)
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.querying import Result, Row

NAMED = 3  # groups that a sentence names


def answer_say(result: Result) -> str:
    """One to three sentences: the figure with its unit, period and n, how it is split, what it is held against."""
    parts = [_subject(result), _whole(result), _groups(result), _series(result), _compared(result)]
    return " ".join(part for part in parts if part)


def _subject(result: Result) -> str:
    spec = result.spec
    kept = [filter_say(one) for one in spec.filters]
    by = [DIMENSIONS[name].title.lower() for name in spec.dimensions] + ([spec.grain.value] if spec.grain else [])
    parts = [result.metric.title, f"({'; '.join(kept)})" if kept else "", f"by {list_say(by)}" if by else ""]
    return f"{' '.join(part for part in parts if part)} {period_say(spec.period)}:"


def _whole(result: Result) -> str:
    total = result.total
    if total.value is None:
        return "there is nothing it could be computed from."
    figure = f"{_figure(result, total)}{_sample(total)}"
    if not (result.spec.dimensions or result.spec.grain):
        return f"{figure}."
    return f"{'altogether' if result.metric.is_additive else 'overall'} {figure}."


def _groups(result: Result) -> str:
    spec = result.spec
    if not spec.dimensions:
        return ""
    named = sorted(
        (row for row in (result.groups or result.rows) if row.value is not None and row.enough),
        key=lambda row: float(row.value or 0), reverse=not (spec.top and spec.top < 0),
    )[:NAMED]  # fmt: skip
    if not named:
        return ""
    first = "Lowest" if spec.top and spec.top < 0 else "Highest"
    return f"{first}: {list_say(f'{_name(row)} ({_figure(result, row)}{_part(result, row)})' for row in named)}."


def _part(result: Result, row: Row) -> str:
    total = result.total.value
    if not result.metric.is_additive or not total or row.value is None:
        return ""
    return f", {100 * float(row.value) / float(total):.0f} % of all"


def _series(result: Result) -> str:
    spec = result.spec
    rows = [row for row in result.rows if row.value is not None and row.enough]
    if not spec.grain or spec.dimensions or len(rows) < 2:
        return ""
    high, low = max(rows, key=_size), min(rows, key=_size)
    if high.value == low.value:
        return ""
    return (
        f"Highest: {_when(result, high)} ({_figure(result, high)}); "
        f"lowest: {_when(result, low)} ({_figure(result, low)})."
    )


def _when(result: Result, row: Row) -> str:
    assert row.bucket is not None
    assert result.spec.grain
    return bucket_say(row.bucket, result.spec.grain)


def _compared(result: Result) -> str:
    spec = result.spec
    if not spec.compare or not result.compare_period:
        return ""
    named = f"In {COMPARED[spec.compare]} ({stretch_say(result.compare_period)})"
    if result.total.compare is None:
        return f"{named} there was nothing to compare with."
    before = value_say(result.total.compare, result.metric.unit)
    change = change_say(result.total.value, result.total.compare, result.metric.unit)
    return f"{named} it was {before}{f': {change}' if change else ''}."


def _figure(result: Result, row: Row) -> str:
    return value_say(row.value, result.metric.unit)


def _sample(row: Row) -> str:
    return f" (n = {row.n:,})" if row.n is not None else ""


def _name(row: Row) -> str:
    return list_say_labels(row.labels)


def list_say_labels(labels: Sequence[str]) -> str:
    return " · ".join(label_say(label) for label in labels)


def _size(row: Row) -> float:
    return float(row.value or 0)
