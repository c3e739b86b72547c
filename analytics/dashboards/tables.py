"""Answers as tables of texts and exact values: what a page shows beside each chart, what the chart draws, and what
the CSV holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import product
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from analytics.catalogue.definition import Metric, Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.dashboards.figures import NOTHING, bucket_figure, change_figure, figure, sample_figure
from analytics.querying import Result, Row
from analytics.querying.days import Bucket
from analytics.querying.results import Value, change_unit

RowLink = Callable[[Bucket | None, str | None], str]


@dataclass(frozen=True)
class Cell:
    """`text` is shown and `raw` is exact; `short` fits an axis. `enough` False: too few to say it. `href` filters."""

    text: str
    raw: object = None
    short: str = ""
    href: str = ""
    n: int | None = None
    enough: bool = True
    provisional: int = 0
    note: str = ""


@dataclass(frozen=True)
class Column:
    """`kind`: head, value, compare, change or n."""

    title: str
    kind: str
    unit: Unit = Unit.COUNT

    @property
    def is_figure(self) -> bool:
        return self.kind != "head"


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def body(self) -> SafeString:
        """Its rows in HTML. Pages have thousands of cells, for which a template takes five times as long."""
        rows = (f"<tr>{_head_html(head)}{''.join(map(_figure_html, figures))}</tr>" for head, *figures in self.rows)
        return mark_safe("\n".join(rows))  # noqa: S308 - whatever is not ours is escaped below


def _head_html(cell: Cell) -> str:
    text = escape(cell.text)
    return f'<th scope="row">{f'<a href="{escape(cell.href)}">{text}</a>' if cell.href else text}</th>'


def _figure_html(cell: Cell) -> str:
    faint = "" if cell.enough else " an-faint"
    note = f' <span class="an-small">{escape(cell.note)}</span>' if cell.note else ""
    tag = ' <span class="an-tag">provisional</span>' if cell.provisional else ""
    return f'<td class="cq-figure{faint}">{escape(cell.text)}{note}{tag}</td>'


def table_make(results: Sequence[Result], link: RowLink) -> Table:
    """One table of answers to specs that differ in their metric alone. Steps or groups go down; with both, the groups
    go across."""
    spec = results[0].spec
    if spec.grain and spec.dimensions:
        return _crossed(results[0], link)
    rows: list[dict[object, Row]] = [{_key(row): row for row in result.rows} for result in results]
    keys = list(dict.fromkeys(key for found in rows for key in found))
    columns = (_head(results[0]), *(column for result in results for column in _columns(result, len(results))))
    return Table(
        columns,
        tuple(
            (
                _head_cell(next(found[key] for found in rows if key in found), results[0], link),
                *(
                    cell
                    for result, found in zip(results, rows, strict=True)
                    for cell in _cells(result, found.get(key), len(results))
                ),
            )
            for key in keys
        ),
    )


def _key(row: Row) -> object:
    return row.bucket, row.keys


def _crossed(result: Result, link: RowLink) -> Table:
    found = {_key(row): row for row in result.rows}
    buckets = list(dict.fromkeys(row.bucket for row in result.rows))
    groups = [(group.keys, " · ".join(group.labels)) for group in result.groups]
    rows: dict[object, list[Cell]] = {bucket: [] for bucket in buckets}
    for bucket, (keys, _) in product(buckets, groups):
        row = found[bucket, keys]
        rows[bucket].append(_value_cell(row.value, row, result.metric))
    heads = {row.bucket: _head_cell(row, result, link) for row in result.rows}
    columns = [Column(label, "value", result.metric.unit) for _, label in groups]
    return Table((_head(result), *columns), tuple((heads[bucket], *rows[bucket]) for bucket in buckets))


def _head(result: Result) -> Column:
    spec = result.spec
    if spec.grain:
        return Column(spec.grain.value.capitalize(), "head")
    return Column(" · ".join(DIMENSIONS[name].title for name in spec.dimensions) or "Period", "head")


def _head_cell(row: Row, result: Result, link: RowLink) -> Cell:
    grain = result.spec.grain
    if grain and row.bucket is not None:
        zone = ZoneInfo(result.time_zone)
        local = row.bucket.astimezone(zone) if isinstance(row.bucket, datetime) else row.bucket
        whole = bucket_figure(row.bucket, grain, zone, whole=True)
        return Cell(whole, local.isoformat(), bucket_figure(row.bucket, grain, zone), link(row.bucket, None))
    label = " · ".join(row.labels) or "All"
    return Cell(label, label, label, link(None, row.keys[0]) if len(row.keys) == 1 else "")


def _columns(result: Result, of: int) -> list[Column]:
    metric, spec = result.metric, result.spec
    columns = [Column(metric.title, "value", metric.unit)]
    if spec.compare:
        before = spec.compare.words
        columns.append(Column(before if of == 1 else f"{metric.title}, {before.lower()}", "compare", metric.unit))
        if of == 1:
            columns.append(Column("Change", "change", change_unit(metric.unit)))
    if metric.sample:
        columns.append(Column("n" if of == 1 else f"{metric.title}, n", "n"))
    return columns


def _cells(result: Result, row: Row | None, of: int) -> list[Cell]:
    metric, spec = result.metric, result.spec
    value = row.value if row else None
    cells = [_value_cell(value, row, metric)]
    if spec.compare:
        before = row.compare if row else None
        cells.append(Cell(figure(before, metric.unit), before))
        if of == 1:
            cells.append(Cell(change_figure(value, before, metric.unit) or NOTHING, row.change if row else None))
    if metric.sample:
        n = (row.n if row else 0) or 0
        cells.append(Cell(f"{n:,}", n))
    return cells


def _value_cell(value: Value, row: Row | None, metric: Metric) -> Cell:
    if row is None:
        return Cell(NOTHING)
    note = sample_figure(metric, row.n) if not row.enough and value is not None else ""
    return Cell(
        figure(value, metric.unit),
        value,
        n=row.n,
        enough=row.enough,
        provisional=row.provisional,
        note=note,
    )
