"""The catalogue as a page for people: `docs/metrics.md` is made of it."""

from collections.abc import Iterator
from pathlib import Path

from analytics.catalogue.definition import Direction, Metric, Target, Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import GROUPS, METRICS, VIEW_DIMENSIONS, metric_define

_INTRODUCTION = Path(__file__).with_name("introduction.md")
_UNITS = {
    Unit.COUNT: "count",
    Unit.NUMBER: "number",
    Unit.SHARE: "share, shown in %",
    Unit.SECONDS: "seconds",
    Unit.MILLISECONDS: "milliseconds",
    Unit.USD: "US dollars",
    Unit.TOKENS: "tokens",
    Unit.SCORE: "0 to 1",
}
_BETTER = {Direction.UP: "higher is better", Direction.DOWN: "lower is better", Direction.NONE: ""}


def catalogue_document() -> str:
    """Markdown: what figures are made of, every metric, every dimension."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION.read_text(encoding="utf-8").rstrip()
    yield f"\n## The {len(METRICS)} metrics"
    for group, metrics in GROUPS.items():
        yield f"\n### {group}"
        for metric in metrics:
            yield from _metric(metric)
    yield "\n## The dimensions\n"
    yield "| Dimension | Splits and filters | What it is |\n|---|---|---|"
    for dimension in DIMENSIONS.values():
        views = ", ".join(view for view, names in VIEW_DIMENSIONS.items() if dimension.name in names)
        yield f"| {dimension.title}, `{dimension.name}` | {views} | {dimension.description} |"


def _metric(metric: Metric) -> Iterator[str]:
    facts = [
        _UNITS[metric.unit],
        f"from `{metric.view}`",
        _BETTER[metric.direction],
        _target(metric.unit, metric.target) if metric.target else "",
        f"n from {metric.min_sample}" if metric.sample else "",
        "provisional while the 7 days run" if metric.provisional else "",
    ]
    told = metric_define(metric)
    yield f"\n**{metric.title}** · `{metric.name}`\\\n{metric.description}\\\n*{', '.join(filter(None, facts))}*\\"
    yield f"`{told['formula']}`, {told['grain']}, {told['freshness']}"


def _target(unit: Unit, target: Target) -> str:
    value = target.least if target.least is not None else target.most
    assert value is not None
    shown = f"{value:.0%}" if unit is Unit.SHARE else f"{value:,.0f} {unit.value}"
    return f"target: {'at least' if target.least is not None else 'at most'} {shown}"
