"""What each dashboard shows. Every figure is a metric of the catalogue; here is only which, and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a panel is drawn."""

    LINES = "lines"  # over time
    COLUMNS = "columns"  # over time, one beside or upon the other
    BARS = "bars"  # one per group, lying
    PIE = "pie"
    TABLE = "table"  # not at all


@dataclass(frozen=True)
class Panel:
    """One chart with its table. Over time without `by`; `by` a dimension over the whole period, or step by step when
    `over_time`. `top` keeps the largest groups. `hint` says in a sentence what to look for."""

    name: str
    title: str
    kind: Kind
    metrics: tuple[str, ...]
    by: str = ""
    over_time: bool = True
    top: int | None = None
    stacked: bool = False
    wide: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Dashboard:
    """`live`: it renews itself. `extra` names what stands beside the panels: ``workload`` or ``budgets``."""

    name: str
    title: str
    lead: str
    tiles: tuple[str, ...]
    panels: tuple[Panel, ...]
    live: bool = False
    extra: str = ""


def _bars(name: str, title: str, metric: str, by: str, *, top: int = 10, hint: str = "") -> Panel:
    return Panel(name, title, Kind.BARS, (metric,), by=by, over_time=False, top=top, hint=hint)


def _lines(name: str, title: str, *metrics: str, wide: bool = False, hint: str = "") -> Panel:
    return Panel(name, title, Kind.LINES, metrics, wide=wide, hint=hint)


_VOLUME = Dashboard(
    "volume",
    "Volume and α",
    "How much comes in, how much of it is settled without a person, and what goes to people.",
    ("queries", "alpha", "workload", "escalations", "open_escalations", "pending_queries"),
    (
        _lines("alpha", "α over time", "alpha", "alpha_inbound", "alpha_settled", wide=True,
               hint="Dashed: provisional, the seven days are not over. Hollow: too few cases to tell."),
        Panel("queries", "Queries over time", Kind.COLUMNS, ("queries",)),
        Panel("workload", "Cases: resolved, and left for people", Kind.COLUMNS, ("resolved_cases", "workload"),
              stacked=True, hint="Both together are Q; the upper part is W = Q·(1−α)."),
        _bars("escalations-by-reason", "Escalations by reason", "escalations", "reason"),
        _bars("escalations-by-category", "Escalations by category", "escalations", "category"),
        _bars("escalations-by-channel", "Escalations by channel", "escalations", "channel"),
        _bars("queries-by-channel", "Queries by channel", "queries", "channel"),
        _bars("alpha-by-category", "α by category", "alpha", "category"),
        _bars("alpha-by-channel", "α by channel", "alpha", "channel"),
    ),
    live=True,
    extra="workload",
)  # fmt: skip
_SUMMARIES = Dashboard(
    "summaries",
    "Summary effectiveness",
    "Whether CRM agents use the summaries of customers' interactions, and whether these help.",
    ("insights", "summary_helpfulness", "summary_miss_rate", "adoption", "insight_latency_p95", "cost_per_insight"),
    (
        _lines("helpfulness", "Helpful and not helpful", "summary_helpfulness", "summary_miss_rate", wide=True),
        Panel("told", "Summaries told", Kind.COLUMNS, ("insights",)),
        _lines("adoption", "Adoption by CRM agents", "adoption"),
        _bars("helpfulness-by-model", "Helpfulness by model", "summary_helpfulness", "model"),
        _bars("helpfulness-by-prompt", "Helpfulness by prompt version", "summary_helpfulness", "prompt_version"),
        _bars("helpfulness-by-cache", "Helpfulness by cache", "summary_helpfulness", "cache"),
        _bars("not-helpful-because", "Not helpful, by the reason given", "summaries_not_helpful", "rating_reason"),
        _bars("miss-by-reason", "Not helpful, by contact reason", "summary_miss_rate", "ivr_intent"),
        _bars("told-by-reason", "Summaries by contact reason", "insights", "ivr_intent"),
        _lines("empty", "Summaries without history", "empty_summary_rate"),
    ),
)
_PERFORMANCE = Dashboard(
    "performance",
    "Performance",
    "How fast and how dependably replies and summaries are made.",
    ("answer_time_p50", "run_latency_p95", "insight_latency_p95", "transfer_cache_hit_rate", "run_error_rate",
     "availability"),
    (
        _lines("reply-latency", "Latency of replies", "run_latency_p50", "run_latency_p95", "run_latency_p99"),
        _lines("summary-latency", "Latency of summaries", "insight_latency_p50", "insight_latency_p95",
               "insight_latency_p99"),
        _lines("caches", "Cache hits", "result_cache_hit_rate", "prompt_cache_hit_rate", "transfer_cache_hit_rate"),
        Panel("models", "Model distribution", Kind.COLUMNS, ("attempts",), by="model", top=6, stacked=True),
        _lines("errors", "Errors", "run_error_rate", "call_error_rate"),
        _lines("fallbacks", "Fallback", "fallback_rate", "insight_fallback_rate"),
        Panel("timeouts", "Timeouts", Kind.COLUMNS, ("timeouts",)),
        _lines("availability", "Availability", "availability"),
    ),
)  # fmt: skip
_COST = Dashboard(
    "cost",
    "Cost",
    "What answering costs, for what it is spent, and what one settled matter costs.",
    ("cost", "cost_per_call", "cost_per_reply", "cost_per_resolution", "cost_per_insight", "tokens"),
    (
        Panel("cost", "Cost over time", Kind.COLUMNS, ("cost",), wide=True),
        _bars("cost-by-model", "Cost by model", "cost", "model"),
        _bars("cost-by-purpose", "Cost by purpose", "cost", "purpose"),
        _bars("cost-by-channel", "Cost by channel", "cost", "channel"),
        Panel("cost-by-area", "Cost by area", Kind.COLUMNS, ("cost",), by="area", top=6, stacked=True),
        _lines("unit-costs", "Cost of a reply and of a durable resolution", "cost_per_reply", "cost_per_resolution"),
        Panel("tokens", "Tokens read and written", Kind.COLUMNS, ("input_tokens", "output_tokens"), stacked=True),
        _lines("cached-tokens", "Tokens read from the prompt cache", "cached_token_rate"),
    ),
    extra="budgets",
)

DASHBOARDS: Mapping[str, Dashboard] = {board.name: board for board in (_VOLUME, _SUMMARIES, _PERFORMANCE, _COST)}
