"""Everything a page shows, from as few questions as it takes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS
from analytics.dashboards.asking import dashboard_specs, panel_specs, tile_spec
from analytics.dashboards.boards import Dashboard, Kind, Panel
from analytics.dashboards.budgets import Budgets, budgets_read
from analytics.dashboards.charts import Line, chart_make, chart_words, target_lines
from analytics.dashboards.figures import bucket_period, figure
from analytics.dashboards.state import State
from analytics.dashboards.tables import RowLink, Table, table_make
from analytics.dashboards.tiles import Tile, tile_make
from analytics.querying import Grain, QuerySpec, Result, specs_run
from analytics.querying.days import Bucket
from analytics.querying.noting import DEMO
from analytics.selectors import facts_as_of

_OF_PAGE = (DEMO, "Today is not over", "The facts ")


@dataclass(frozen=True)
class PanelView:
    """A panel with its figures. `chart` None: there is nothing to draw, and `empty` says why. `href` of the file."""

    panel: Panel
    table: Table
    chart: Mapping[str, Any] | None
    words: str
    empty: str
    notes: tuple[str, ...]
    definitions: tuple[Mapping[str, str], ...]

    @property
    def chart_id(self) -> str:
        return f"chart-{self.panel.name}"


@dataclass(frozen=True)
class Workload:
    """W = Q·(1−α) in figures; `n` is Q."""

    cases: str
    alpha: str
    workload: str


@dataclass(frozen=True)
class Page:
    """`notes` hold for all of it."""

    tiles: tuple[Tile, ...]
    panels: tuple[PanelView, ...]
    notes: tuple[str, ...]
    as_of: datetime | None
    workload: Workload | None = None
    budgets: Budgets | None = None


def page_read(dashboard: Dashboard, state: State) -> Page:
    """Raises `ServiceUnavailable` when the figures cannot be had in time."""
    specs = list(dict.fromkeys(dashboard_specs(dashboard, state)))
    answers = dict(zip(specs, specs_run(specs), strict=True))
    budgets = budgets_read(state) if dashboard.extra == "budgets" else None
    tiles = [tile_make(answers[tile_spec(name, state)], ignored_titles([name], state)) for name in dashboard.tiles]
    panels = [panel_read(panel, state, answers, budgets) for panel in dashboard.panels]
    return Page(
        tiles=tuple(tiles),
        panels=tuple(panels),
        notes=page_notes(answers.values()),
        as_of=facts_as_of(),
        workload=_workload(answers, state) if dashboard.extra == "workload" else None,
        budgets=budgets,
    )


def panel_table(panel: Panel, state: State) -> Table:
    """The table of one panel, as the page has it."""
    return table_make(specs_run(panel_specs(panel, state)), row_link(panel.by if not panel.over_time else "", state))


def panel_read(
    panel: Panel, state: State, answers: Mapping[QuerySpec, Result], budgets: Budgets | None = None
) -> PanelView:
    results = [answers[spec] for spec in panel_specs(panel, state)]
    lines = target_lines(result.metric for result in results)
    if budgets and panel.metrics == ("cost",) and panel.over_time and not panel.by:
        lines = budgets.lines(state)
    link = row_link(panel.by if not panel.over_time else "", state)
    return panel_view(panel, results, link, lines=lines, ignored=ignored_titles(panel.metrics, state))


def panel_view(
    panel: Panel, results: Sequence[Result], link: RowLink, *, lines: list[Line], ignored: tuple[str, ...] = ()
) -> PanelView:
    """The panel with its table, and its chart unless everything it could show rests on too little."""
    table = table_make(results, link)
    little = [result for result in results if _says_nothing(result)]
    empty = _why_empty(results) if len(little) == len(results) else ""
    chart = None
    if not empty and panel.kind is not Kind.TABLE:
        without = [result.metric.title for result in little]
        chart = chart_make(table, panel.kind, stacked=panel.stacked, lines=lines, without=without)
    return PanelView(
        panel=panel,
        table=table,
        chart=chart,
        words=chart_words(chart, table, panel.title) if chart else "",
        empty=empty,
        notes=(*_panel_notes(results, hidden=bool(empty)), *_ignored_note(ignored), *_rest_note(panel, results)),
        definitions=_definitions(results),
    )


def row_link(by: str, state: State, grain: Grain | None = None) -> RowLink:
    """Where a click on a row leads: to this dashboard for its step (of `grain`, else the bar's) or its group only."""
    zone = ZoneInfo(settings.TIME_ZONE)

    def link(bucket: Bucket | None, key: str | None) -> str:
        if bucket is not None:
            period = bucket_period(bucket, grain or state.grain, zone, state.period)
            return "" if period == state.period else f"?{state.in_days(period).query}"
        if not by or DIMENSIONS[by].is_time or key is None:
            return ""
        return f"?{state.toggled(by, key).query}"

    return link


def ignored_titles(metrics: Iterable[str], state: State) -> tuple[str, ...]:
    """The titles of filters that none of `metrics` knows."""
    found = [set(state.ignored_by(METRICS[name])) for name in metrics]
    return tuple(DIMENSIONS[name].title.lower() for name in state.filters if all(name in one for one in found))


def page_notes(results: Iterable[Result]) -> tuple[str, ...]:
    """What holds for all figures, said once."""
    return tuple(dict.fromkeys(note for result in results for note in result.notes if note.startswith(_OF_PAGE)))


def _says_nothing(result: Result) -> bool:
    total = result.total
    if result.metric.sample:
        return not total.enough or total.value is None
    return not total.value


def _why_empty(results: Sequence[Result]) -> str:
    sampled = [result for result in results if result.metric.sample]
    if not sampled:
        return "Nothing happened in this period."
    most = max(sampled, key=lambda result: result.total.n or 0)
    if not most.total.n:
        return "There is nothing in this period that it could be computed from."
    return f"It rests on {most.total.n:,}, and below {most.metric.min_sample} chance decides."


def _panel_notes(results: Sequence[Result], *, hidden: bool) -> tuple[str, ...]:
    """What is said of several metrics alike is said once, as it holds for the one it is worst for."""
    several = len(results) > 1
    found: dict[str, str] = {}
    for result in results:
        for note in result.notes:
            if note.startswith(_OF_PAGE) or (hidden and note.startswith("Not enough")):
                continue
            said = f"{result.metric.title}: {note[0].lower()}{note[1:]}" if several and "Not enough" in note else note
            sort = said.split(" ")[0]
            found[sort] = max(found.get(sort, said), said, key=_count)
    return tuple(found.values())


def _count(note: str) -> int:
    """More for more cases or rows; notes of one sort differ in nothing else."""
    return sum(int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", note))


def _ignored_note(ignored: tuple[str, ...]) -> tuple[str, ...]:
    return (f"Not filtered by {' and '.join(ignored)}, which this does not know.",) if ignored else ()


def _rest_note(panel: Panel, results: Sequence[Result]) -> tuple[str, ...]:
    """What the largest groups leave out."""
    result = results[0]
    shown = sum(float(group.value or 0) for group in result.groups)
    if not panel.top or not result.metric.is_additive or len(result.groups) < panel.top:
        return ()
    rest = float(result.total.value or 0) - shown
    if rest <= 1e-9:
        return ()
    return (f"The {panel.top} largest; all others together: {figure(rest, result.metric.unit)}.",)


def _definitions(results: Sequence[Result]) -> tuple[Mapping[str, str], ...]:
    return tuple({one["name"]: one for result in results for one in result.definitions}.values())


def _workload(answers: Mapping[QuerySpec, Result], state: State) -> Workload | None:
    """None while there is no case."""
    alpha = answers[tile_spec("alpha_inbound", state)]
    if not alpha.total.n:
        return None
    workload = answers[tile_spec("workload", state)].total
    share = figure(alpha.total.value, alpha.metric.unit)
    return Workload(figure(alpha.total.n, METRICS["cases"].unit), share, figure(workload.value, METRICS["cases"].unit))
