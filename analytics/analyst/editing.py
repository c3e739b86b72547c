"""What can be changed of an answer by hand: the choices of each part of its spec."""

from typing import Any

from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import GROUPS, METRICS, metric_dimensions
from analytics.catalogue.values import dimension_values
from analytics.querying import Compare, Grain, QuerySpec
from omnicqm.common.text import line_clean

MOST_VALUES = 200  # offered of one dimension


def editor_of(spec: QuerySpec) -> dict[str, Any]:
    """Choices as ``[{value, title}]``: metrics by group, the metric's dimensions, values of those that have a
    filter or may get one, steps, comparisons, kinds of chart."""
    known = metric_dimensions(METRICS[spec.metric])
    return {
        "metrics": [
            {"group": group, "choices": [_choice(metric.name, metric.title) for metric in metrics]}
            for group, metrics in GROUPS.items()
        ],
        "dimensions": [_choice(name, DIMENSIONS[name].title) for name in known],
        "values": {name: _values(name) for name in known},
        "grains": [_choice(grain.value, f"by {grain.value}") for grain in Grain],
        "compares": [_choice(compare.value, compare.words) for compare in Compare],
        "charts": [_choice(kind, title) for kind, title in _CHARTS],
    }


_CHARTS = (("line", "Line"), ("area", "Area"), ("bar", "Bars"), ("stacked", "Stacked bars"), ("pie", "Pie"),
           ("table", "Table only"))  # fmt: skip


def _values(name: str) -> list[dict[str, str]]:
    values = list(dimension_values(DIMENSIONS[name]).items())[:MOST_VALUES]
    return [_choice(value, label) for value, label in values]


def _choice(value: str, title: str) -> dict[str, str]:
    return {"value": value, "title": line_clean(title)[:80]}
