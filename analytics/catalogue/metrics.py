"""All metrics, in the order in which people read them."""

from collections.abc import Mapping

from analytics.catalogue.cases import CASES
from analytics.catalogue.costs import COSTS
from analytics.catalogue.definition import Metric
from analytics.catalogue.escalations import ESCALATIONS
from analytics.catalogue.insights import INSIGHTS
from analytics.catalogue.performance import PERFORMANCE
from analytics.catalogue.quality import QUALITY
from analytics.catalogue.volume import VOLUME

GROUPS: Mapping[str, tuple[Metric, ...]] = {
    "Volume": VOLUME,
    "Resolution without a person": CASES,
    "Escalations": ESCALATIONS,
    "Quality of replies": QUALITY,
    "Summaries for CRM agents": INSIGHTS,
    "Performance": PERFORMANCE,
    "Cost": COSTS,
}
METRICS: Mapping[str, Metric] = {metric.name: metric for metrics in GROUPS.values() for metric in metrics}

# The dimensions of each view; weekday and hour_of_day belong to all.
_MATTER = ("channel", "category", "language", "service_level", "model", "prompt_version")
VIEW_DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "queries": (*_MATTER, "status", "decision", "answered_by", "weekday", "hour_of_day"),
    "cases": (*_MATTER, "weekday", "hour_of_day"),
    "escalations": (*_MATTER, "reason", "queue", "weekday", "hour_of_day"),
    "attempts": (
        "area", "scope", "model", "provider", "purpose", "outcome", "channel", "category", "prompt_version", "weekday",
        "hour_of_day",
    ),
    "insights": ("model", "prompt_version", "cache", "ivr_intent", "rating_reason", "weekday", "hour_of_day"),
}  # fmt: skip


VIEW_GRAINS: Mapping[str, str] = {
    "queries": "one row per query",
    "cases": "one row per case",
    "escalations": "one row per escalation",
    "attempts": "one row per call to a model, speech or embedding service",
    "insights": "one row per summary told",
}


def metric_define(metric: Metric) -> Mapping[str, str]:
    """What `metric` means, as answers tell it: name, title, text, formula, grain (what a row is) and freshness."""
    return {
        "name": metric.name,
        "title": metric.title,
        "text": metric.description,
        "formula": metric.formula,
        "grain": VIEW_GRAINS[metric.view],
        "freshness": f"at most {metric.freshness_seconds} seconds old",
    }


def metric_dimensions(metric: Metric) -> tuple[str, ...]:
    """The names of the dimensions that `metric` can be split and filtered by."""
    return VIEW_DIMENSIONS[metric.view]
