from analytics.catalogue.definition import Metric
from analytics.catalogue.making import COUNT, DOWN, MS, SHARE, UP, count, least, most, quantiles, share

_RATED = "helpful + not_helpful > 0"
_MADE = "NOT is_empty AND cache <> 'result'"

INSIGHTS = (
    Metric(
        name="insights", title="Summaries told", unit=COUNT, view="insights", numerator=count(),
        description="Requests for a customer's summary that were answered, those without history included.",
        synonyms=("summaries", "insights", "summary requests", "omni-channel insights"),
    ),
    Metric(
        name="summary_helpfulness", title="Summaries found helpful", unit=SHARE, view="insights", direction=UP,
        numerator="sum(helpful)", denominator="sum(helpful + not_helpful)",
        sample="coalesce(sum(helpful + not_helpful), 0)",
        description="Of the ratings that CRM agents gave summaries and that hold now, the share that is 'helpful'.",
        synonyms=("summary helpfulness", "helpfulness", "helpful rate", "helpful summaries", "summary effectiveness"),
    ),
    Metric(
        name="summary_miss_rate", title="Summaries not helpful", unit=SHARE, view="insights", direction=DOWN,
        target=most(0.20), numerator="sum(not_helpful)", denominator="sum(helpful + not_helpful)",
        sample="coalesce(sum(helpful + not_helpful), 0)",
        description="Of the ratings that CRM agents gave summaries and that hold now, the share that is 'not helpful'.",
        synonyms=("summary miss rate", "miss rate", "unhelpful summaries"),
    ),
    Metric(
        name="summaries_not_helpful", title="Ratings 'not helpful' of summaries", unit=COUNT, view="insights",
        direction=DOWN, numerator="coalesce(sum(not_helpful), 0)",
        description="Ratings by CRM agents that hold now and say that a summary did not help.",
        synonyms=("not helpful ratings", "unhelpful ratings", "number of summaries not helpful",
                  "not helpful summaries"),
    ),
    Metric(
        name="adoption", title="Adoption by CRM agents", unit=SHARE, view="insights", direction=UP, target=least(0.80),
        numerator=f"count(DISTINCT contact) FILTER (WHERE {_RATED})", denominator="count(DISTINCT contact)",
        sample="count(DISTINCT contact)",
        description="Of the CRM contacts (calls, chats) for which a summary was told, the share in which the CRM agent "
        "said whether it helped. Who reads without rating leaves no trace here, and contacts without a request for a "
        "summary are not known to us: real use is higher than the first, and lower than the second would suggest.",
        synonyms=("adoption rate", "crm adoption", "usage by crm agents", "rated contacts"),
    ),
    Metric(
        name="empty_summary_rate", title="Summaries without history", unit=SHARE, view="insights", direction=DOWN,
        **share("is_empty"),
        description="The share of requests for which no interactions were found.",
        synonyms=("no history rate", "empty summaries"),
    ),
    *quantiles(
        "insight_latency", "Summary latency", "latency_ms", of=(50, 95, 99), unit=MS, view="insights",
        targets={95: most(5000), 99: most(8000)},
        description="From the arrival of a request for a summary to its answer.",
        synonyms=("summary latency", "insight latency", "summary time", "time to summary"),
    ),
    Metric(
        name="insight_fallback_rate", title="Summaries by a fallback model", unit=SHARE, view="insights",
        direction=DOWN, target=most(0.10), **share("fell_back", _MADE),
        description="Of the summaries that were generated, the share made by another model than the first of the "
        "route.",
        synonyms=("summary fallback rate", "insight fallback rate"),
    ),
    Metric(
        name="result_cache_hit_rate", title="Result cache hits", unit=SHARE, view="insights", direction=UP,
        **share("cache = 'result'", "NOT is_empty"),
        description="Of the summaries told, those without history left out, the share that repeated a text made "
        "before.",
        synonyms=("cache hit rate", "result cache hits", "cache hits", "result cache"),
    ),
    Metric(
        name="prompt_cache_hit_rate", title="Prompt cache hits", unit=SHARE, view="insights", direction=UP,
        **share("cache = 'prompt'", _MADE),
        description="Of the summaries that were generated, the share for which the model found its prompt cached.",
        synonyms=("prompt cache hits", "prompt cache", "prompt caching"),
    ),
    Metric(
        name="transfer_cache_hit_rate", title="Cache hits on transfers", unit=SHARE, view="insights", direction=UP,
        target=least(0.70), **share("cache <> 'none'", "is_transfer AND NOT is_empty"),
        description="Of the summaries for a customer who had been asked for in another contact within the five minutes "
        "before, the share that came from the result or the prompt cache.",
        synonyms=("transfer cache hits", "cache hits on transfers"),
    ),
)  # fmt: skip
