from analytics.catalogue.definition import Metric
from analytics.catalogue.making import COUNT, DOWN, NUMBER, SECONDS, SHARE, UP, count, least, quantiles, share

_RULE = (
    "A case is resolved when the agent answered its last query, nobody escalated it and no consultant wrote in it, the "
    "customer did not reopen it, and the same canonical customer did not come back about the same category on any "
    "channel within 7 days."
)
_OPEN = "Until these 7 days are over it counts as resolved provisionally."

CASES = (
    Metric(
        name="alpha", title="α", unit=SHARE, view="cases", direction=UP, target=least(0.80),
        **share("resolved", "involved"), provisional=count("involved AND is_provisional"),
        description=f"Of the cases that the agent worked on, the share it resolved without a person. {_RULE} {_OPEN}",
        synonyms=("alpha", "resolution rate", "share resolved without a person", "autonomy", "deflection",
                  "containment", "self-service rate", "resolved automatically"),
    ),
    Metric(
        name="alpha_inbound", title="α over all inbound", unit=SHARE, view="cases", direction=UP,
        **share("resolved"), provisional=count("is_provisional"),
        description=f"Of all cases, also those that the agent never worked on, the share resolved without a person. "
        f"{_RULE} {_OPEN}",
        synonyms=("alpha over all", "alpha of all inbound", "overall alpha"),
    ),
    Metric(
        name="alpha_settled", title="α, settled", unit=SHARE, view="cases", direction=UP, target=least(0.80),
        **share("resolved", "involved AND NOT is_provisional AND window_until <= now()"),
        description=f"α over those cases only whose 7 days are over, so that it changes no more. {_RULE}",
        synonyms=("settled alpha", "final alpha"),
    ),
    Metric(
        name="resolved_cases", title="Cases resolved without a person", unit=COUNT, view="cases", direction=UP,
        numerator=count("resolved"), provisional=count("resolved AND is_provisional"),
        description=f"{_RULE} {_OPEN}",
        synonyms=("durable resolutions", "resolved", "resolutions"),
    ),
    Metric(
        name="workload", title="W, work left for people", unit=COUNT, view="cases", direction=DOWN,
        numerator=count("NOT resolved"), provisional=count("is_provisional"),
        description="W = Q·(1−α): the cases (Q) times the share that was not resolved without a person, α taken over "
        "all inbound. The cases that people had to work on, or that were not settled for good.",
        synonyms=("w", "human workload", "work for people", "remaining work"),
    ),
    Metric(
        name="reopened_rate", title="Reopened", unit=SHARE, view="cases", direction=DOWN,
        **share("reopened", "answered_at IS NOT NULL"),
        description="Of the cases that got a reply, the share in which the customer wrote again after calling it "
        "solved, or more than 24 hours after a reply, within 7 days.",
        synonyms=("reopen rate", "reopenings"),
    ),
    Metric(
        name="return_rate", title="Came back", unit=SHARE, view="cases", direction=DOWN,
        **share("came_back", "answered_by_agent"), provisional=count("answered_by_agent AND is_provisional"),
        description="Of the cases that the agent answered last, the share whose customer came about the same category "
        "again within 7 days in another conversation, on any channel; calls and visits that other systems told of "
        "count when their intent names the category.",
        synonyms=("repeat contact rate", "recontact rate", "repeat contacts", "came back rate", "returning"),
    ),
    Metric(
        name="queries_per_case", title="Queries per case", unit=NUMBER, view="cases", direction=DOWN,
        numerator="avg(queries)", sample=count(),
        description="How often customers wrote in one case, on average.",
        synonyms=("messages per case", "turns per case"),
    ),
    *quantiles(
        "resolution_time", "Resolution time", "resolution_seconds", of=(50, 95), unit=SECONDS, view="cases",
        description="From the first query of a case to its last reply, of cases whose last query is answered, by the "
        "agent or a consultant.",
        synonyms=("resolution time", "time to resolution", "time to resolve", "handling time of cases"),
    ),
)  # fmt: skip
