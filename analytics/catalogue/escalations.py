from analytics.catalogue.definition import Metric
from analytics.catalogue.making import COUNT, DOWN, SECONDS, SHARE, UP, count, quantiles, share

_ACTIVE = "state IN ('open', 'assigned')"
_OVERDUE = f"due_at < closed_at OR ({_ACTIVE} AND due_at < now())"  # while the customer has the word, no clock runs

ESCALATIONS = (
    Metric(
        name="escalations", title="Escalations", unit=COUNT, view="escalations", direction=DOWN, numerator=count(),
        description="Queries handed to people, by the moment that was done. What a customer writes while one is open "
        "joins it and is not counted again.",
        synonyms=("handovers", "handoffs", "escalated", "hand-overs", "escalation count"),
    ),
    Metric(
        name="escalation_rate", title="Escalation rate", unit=SHARE, view="queries", direction=DOWN,
        **share("reason <> ''", "is_final OR status = 'escalated'"),
        description="Of the queries that have been answered or handed over, the share that went to people, also when "
        "a consultant has answered since.",
        synonyms=("share escalated", "handover rate", "escalated share"),
    ),
    Metric(
        name="open_escalations", title="Escalations open now", unit=COUNT, view="escalations", direction=DOWN,
        numerator=count(_ACTIVE),
        description="Escalations of the period that still wait for a reply, claimed or not.",
        synonyms=("open handovers", "waiting escalations", "active escalations"),
    ),
    Metric(
        name="overdue_escalations", title="Escalations overdue", unit=COUNT, view="escalations", direction=DOWN,
        numerator=count(_OVERDUE),
        description="Escalations that were ended after their due time, or are open and past it now.",
        synonyms=("overdue", "late escalations", "sla breaches", "past due"),
    ),
    Metric(
        name="overdue_rate", title="Overdue rate", unit=SHARE, view="escalations", direction=DOWN,
        **share(_OVERDUE),
        description="The share of escalations that were ended after their due time, or are open and past it now.",
        synonyms=("late share", "sla breach rate"),
    ),
    *quantiles(
        "handling_time", "Time with people", "handling_seconds", of=(50, 95), unit=SECONDS, view="escalations",
        description="From the opening of an escalation to its end, of those that have ended.",
        synonyms=("handling time", "time with people", "consultant handling time", "escalation time"),
    ),
    Metric(
        name="draft_acceptance", title="Drafts accepted", unit=SHARE, view="escalations", direction=UP,
        **share("draft_similarity >= 0.8", "draft_similarity IS NOT NULL"),
        description="Of the escalations with a draft that a consultant answered, the share where what was sent has at "
        "least 0.8 of its words in the draft's order (Ratcliff-Obershelp over words).",
        synonyms=("draft acceptance", "accepted drafts", "draft acceptance rate", "suggestion acceptance",
                  "suggested replies used"),
    ),
    Metric(
        name="drafts_unchanged", title="Drafts sent unchanged", unit=SHARE, view="escalations", direction=UP,
        **share("draft_similarity >= 0.98", "draft_similarity IS NOT NULL"),
        description="Of the escalations with a draft that a consultant answered, the share that was sent as drafted "
        "(similarity of at least 0.98).",
        synonyms=("unchanged drafts", "drafts as they were"),
    ),
    Metric(
        name="draft_rate", title="Escalations with a draft", unit=SHARE, view="escalations", direction=UP,
        **share("has_draft"),
        description="The share of escalations that came with a suggested reply.",
        synonyms=("share with draft", "drafts"),
    ),
)  # fmt: skip
