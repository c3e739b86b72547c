"""A table as data for Chart.js. What a chart shows is in the table, word for word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.catalogue.definition import Metric
from analytics.dashboards.boards import Kind
from analytics.dashboards.figures import target_figure
from analytics.dashboards.tables import Cell, Column, Table
from analytics.querying.results import plain


@dataclass(frozen=True)
class Line:
    """A level to compare with, such as a target or a budget."""

    title: str
    value: float


def chart_make(
    table: Table,
    kind: Kind,
    *,
    stacked: bool,
    lines: Iterable[Line],
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """``{kind, unit, stacked, labels, titles, hrefs, series: [{title, role, values, texts, faint, provisional}],
    lines}``. `without` names value columns that are left out because they rest on too little."""
    columns = [(place, column) for place, column in enumerate(table.columns) if _is_drawn(table, column, kind)]
    shown = [(place, column) for place, column in columns if column.title not in without]
    heads = [row[0] for row in table.rows]
    return {
        "kind": kind.value,
        "unit": shown[0][1].unit.value if shown else "count",
        "stacked": stacked,
        "labels": [head.short for head in heads],
        "titles": [head.text for head in heads],
        "hrefs": [head.href for head in heads],
        "series": [_series(column, [row[place] for row in table.rows]) for place, column in shown],
        "lines": [{"title": line.title, "value": line.value} for line in lines],
    }


def target_lines(metrics: Iterable[Metric]) -> list[Line]:
    """The targets of `metrics`, each level once."""
    lines: dict[float, Line] = {}
    for metric in metrics:
        if metric.target:
            level = metric.target.least if metric.target.least is not None else metric.target.most
            assert level is not None
            lines.setdefault(level, Line(f"Target: {target_figure(metric.target, metric.unit)}", level))
    return list(lines.values())


def chart_words(chart: Mapping[str, Any], table: Table, title: str) -> str:
    """What somebody who does not see the chart is told of it."""
    spans = [f"{series['title']} {_span(series, table)}" for series in chart["series"] if series["role"] == "value"]
    return f"{title}: {'; '.join(spans[:4])}. The same figures are in the table."


def _span(series: Mapping[str, Any], table: Table) -> str:
    found = [(value, text) for value, text in zip(series["values"], series["texts"], strict=True) if value is not None]
    if not found:
        return "without values"
    least, most = min(found)[1], max(found)[1]
    return f"at {least}" if least == most else f"from {least} to {most}"


def _is_drawn(table: Table, column: Column, kind: Kind) -> bool:
    """The values; what they are compared with only where one metric has the chart to itself."""
    alone = sum(one.kind == "value" for one in table.columns) == 1
    return column.kind == "value" or (column.kind == "compare" and alone and kind is not Kind.PIE)


def _series(column: Column, cells: Sequence[Cell]) -> dict[str, Any]:
    return {
        "title": column.title,
        "role": column.kind,
        "values": [plain(cell.raw) for cell in cells],
        "texts": [f"{cell.text} ({cell.note})" if cell.note else cell.text for cell in cells],
        "faint": [not cell.enough for cell in cells],
        "provisional": [cell.provisional for cell in cells],
    }
