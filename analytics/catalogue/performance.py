from analytics.catalogue.definition import Metric
from analytics.catalogue.making import COUNT, DOWN, MS, SHARE, UP, count, most, quantiles, share

_ENDED = "outcome <> 'abandoned'"

PERFORMANCE = (
    *quantiles(
        "run_latency", "Run latency", "run_ms", of=(50, 95, 99), where="NOT is_covered", unit=MS, view="queries",
        description="How long the agent worked on a query, from the beginning of its run to its decision.",
        synonyms=("run latency", "reply latency", "agent latency", "latency"),
    ),
    *quantiles(
        "call_latency", "Model call latency", "latency_ms", of=(50, 95, 99), where=_ENDED, unit=MS, view="attempts",
        description="How long one call to a model or speech service took, failed ones included; those that nobody "
        "waited for are left out.",
        synonyms=("model latency", "call latency", "attempt latency"),
    ),
    Metric(
        name="run_error_rate", title="Failed runs", unit=SHARE, view="queries", direction=DOWN, target=most(0.05),
        **share("run_failed", "has_run AND NOT is_covered"),
        description="Of the runs, the share that failed and was handed to people for that.",
        synonyms=("failure rate", "run failures", "agent errors", "error rate of runs", "failed runs"),
    ),
    Metric(
        name="failed_queries", title="Queries failed", unit=COUNT, view="queries", direction=DOWN,
        numerator=count("status = 'failed'"),
        description="Queries that could neither be answered nor handed to a person.",
        synonyms=("failures", "failed", "lost queries"),
    ),
    Metric(
        name="fallback_rate", title="Replies by a fallback model", unit=SHARE, view="queries", direction=DOWN,
        target=most(0.10), **share("fell_back", "has_run AND NOT is_covered"),
        description="Of the runs, the share in which another model than the first of the route was called too, or the "
        "first was passed over.",
        synonyms=("fallback", "fallbacks", "fallback rate of replies"),
    ),
    Metric(
        name="attempts", title="Model calls", unit=COUNT, view="attempts", numerator=count(),
        description="Rows of the cost ledger: calls to models and speech services.",
        synonyms=("calls", "model calls", "attempts", "api calls"),
    ),
    Metric(
        name="call_error_rate", title="Failed calls", unit=SHARE, view="attempts", direction=DOWN,
        **share("outcome IN ('error', 'timeout')", _ENDED),
        description="Of the calls to models and speech services that were waited for, the share that ended with an "
        "error or a timeout.",
        synonyms=("error rate", "errors", "model error rate", "failed calls"),
    ),
    Metric(
        name="timeouts", title="Timeouts", unit=COUNT, view="attempts", direction=DOWN,
        numerator=count("outcome = 'timeout'"),
        description="Calls to models and speech services that took too long.",
        synonyms=("model timeouts", "timed out calls", "timeout count"),
    ),
    Metric(
        name="cached_token_rate", title="Tokens read from the prompt cache", unit=SHARE, view="attempts", direction=UP,
        numerator="sum(cache_read_tokens)", denominator="sum(input_tokens + cache_read_tokens + cache_write_tokens)",
        sample=count("input_tokens + cache_read_tokens + cache_write_tokens > 0"),
        description="Of the tokens that models were given, the share that came from their prompt cache.",
        synonyms=("cached tokens", "token cache rate"),
    ),
)  # fmt: skip
