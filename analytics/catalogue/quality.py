from analytics.catalogue.definition import Metric
from analytics.catalogue.making import (
    COUNT,
    DOWN,
    NONE,
    NUMBER,
    SCORE,
    SECONDS,
    SHARE,
    UP,
    mean,
    most,
    quantiles,
    share,
)

_RATED = "helpful + not_helpful"


def _judged(aspect: str, title: str, what: str, *synonyms: str) -> Metric:
    return Metric(
        name=f"judge_{aspect}", title=title, unit=SCORE, view="queries", direction=UP, **mean(aspect),
        description=f"The mean of the judge's score for {what}, 0 to 1, with what people have overruled, over the "
        "replies that were judged.",
        synonyms=synonyms,
    )  # fmt: skip


QUALITY = (
    Metric(
        name="thumbs_down_rate", title="Thumbs down", unit=SHARE, view="queries", direction=DOWN, target=most(0.15),
        numerator="sum(not_helpful)", denominator=f"sum({_RATED})", sample=f"coalesce(sum({_RATED}), 0)",
        description="Of the ratings that customers gave replies and that hold now, the share that is 'not helpful'. "
        "Counted at the moment of the query.",
        synonyms=("thumbs-down rate", "negative ratings", "not helpful rate", "dissatisfaction", "bad ratings"),
    ),
    Metric(
        name="reply_ratings", title="Ratings of replies", unit=COUNT, view="queries", direction=UP,
        numerator=f"coalesce(sum({_RATED}), 0)",
        description="Ratings of replies that hold now, helpful or not.",
        synonyms=("ratings", "number of ratings", "feedback count"),
    ),
    _judged("relevance", "Relevance, judged", "whether the reply answers what was asked", "relevance",
            "judge relevance", "relevance score"),
    _judged("accuracy", "Accuracy, judged", "how much of what the reply states the cited passages support",
            "accuracy", "judge accuracy", "accuracy score", "faithfulness"),
    _judged("safety", "Safety, judged", "whether the reply is safe to send", "safety", "judge safety", "safety score"),
    Metric(
        name="judged_rate", title="Replies judged", unit=SHARE, view="queries", direction=UP,
        **share("relevance IS NOT NULL", "answered_by = 'agent' AND status <> 'clarification' AND NOT is_covered"),
        description="Of the agent's replies, questions back left out, the share that the judge has scored.",
        synonyms=("judged share", "judge coverage"),
    ),
    Metric(
        name="confidence", title="Confidence score", unit=NUMBER, view="queries", direction=NONE, **mean("score"),
        description="The mean score (0 to 100) of the runs; from the threshold on a reply may go out alone.",
        synonyms=("score", "confidence score", "average score"),
    ),
    *quantiles(
        "answer_time", "Answer time", "answer_seconds", of=(50, 95), unit=SECONDS, view="queries",
        description="From the arrival of a query to its reply, whoever wrote it. The notice that a person will follow "
        "is no reply.",
        synonyms=("answer time", "response time", "time to answer", "reply time"),
    ),
    *quantiles(
        "first_answer_time", "First answer time", "first_answer_seconds", of=(50, 95), unit=SECONDS, view="cases",
        description="From the first query of a case to its first reply, whoever wrote it.",
        synonyms=("first answer time", "first response time", "time to first answer", "first reply time"),
    ),
    Metric(
        name="availability", title="Availability", unit=SHARE, view="queries", direction=UP,
        **share(
            "NOT (status = 'failed' OR run_failed OR reason = 'agent_unavailable'"
            " OR (status IN ('received', 'working') AND at < now() - interval '5 minutes'))",
            "status NOT IN ('received', 'working') OR at < now() - interval '5 minutes'",
        ),
        description="The share of queries that were answered, asked back or handed over by an agent that worked: no "
        "failed run, no 'agent unavailable', not waiting for more than 5 minutes. Computed from the queries that "
        "reached us: while nothing could reach us at all, nothing is counted.",
        synonyms=("uptime", "available"),
    ),
)  # fmt: skip
