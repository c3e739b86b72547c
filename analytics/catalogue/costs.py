from analytics.catalogue.definition import Metric
from analytics.catalogue.making import DOWN, TOKENS, USD, count

_READ = "input_tokens + cache_read_tokens + cache_write_tokens"

COSTS = (
    Metric(
        name="cost", title="Cost", unit=USD, view="attempts", direction=DOWN,
        numerator="coalesce(sum(cost_usd), 0)",
        description="The sum of the cost ledger in US dollars, at the moment of each call: models, speech, judge.",
        synonyms=("costs", "spend", "spending", "money", "expenses", "total cost", "dollars"),
    ),
    Metric(
        name="tokens", title="Tokens", unit=TOKENS, view="attempts",
        numerator=f"coalesce(sum({_READ} + output_tokens), 0)",
        description="Tokens of all kinds that models read and wrote.",
        synonyms=("token usage", "token count", "total tokens"),
    ),
    Metric(
        name="input_tokens", title="Tokens read", unit=TOKENS, view="attempts",
        numerator=f"coalesce(sum({_READ}), 0)",
        description="Tokens that models were given, cached ones included.",
        synonyms=("input tokens", "prompt tokens"),
    ),
    Metric(
        name="output_tokens", title="Tokens written", unit=TOKENS, view="attempts",
        numerator="coalesce(sum(output_tokens), 0)",
        description="Tokens that models wrote: replies, assessments, summaries, judgements.",
        synonyms=("output tokens", "completion tokens"),
    ),
    Metric(
        name="cost_per_call", title="Cost per call", unit=USD, view="attempts", direction=DOWN,
        numerator="sum(cost_usd)", denominator=count(), sample=count(),
        description="The sum of the ledger over the number of its rows, failed calls included.",
        synonyms=("cost per attempt", "cost per model call", "average cost per call"),
    ),
    Metric(
        name="cost_per_reply", title="Cost per reply", unit=USD, view="queries", direction=DOWN,
        numerator="sum(cost_usd)", denominator=count("answered_by = 'agent' AND NOT is_covered"),
        sample=count("answered_by = 'agent' AND NOT is_covered"),
        description="What all runs of the queries cost, those that ended with people included, over the number of "
        "replies that the agent sent.",
        synonyms=("cost per answer", "price per reply"),
    ),
    Metric(
        name="cost_per_resolution", title="Cost per durable resolution", unit=USD, view="cases", direction=DOWN,
        numerator="sum(cost_usd)", denominator=count("resolved"), sample=count("resolved"),
        provisional=count("is_provisional"),
        description="What all runs of the cases cost, over the number of cases resolved without a person and for good. "
        "Provisional like α.",
        synonyms=("cost per resolution", "cost per resolved case", "cost per case resolved"),
    ),
    Metric(
        name="cost_per_insight", title="Cost per summary", unit=USD, view="insights", direction=DOWN,
        numerator="sum(cost_usd)", denominator=count("NOT is_empty"), sample=count("NOT is_empty"),
        description="What making summaries cost, over the number of summaries told, repeated ones included.",
        synonyms=("cost per summary", "cost per insight"),
    ),
)  # fmt: skip
