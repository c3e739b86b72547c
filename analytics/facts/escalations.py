"""One fact per escalation. How far the sent text is the draft's own is found by `drafts`."""

from analytics.facts.reasons import MAIN_REASON
from analytics.facts.upserts import Upsert, seconds

ESCALATIONS = Upsert(
    table="analytics_escalationfact",
    key="escalation_id",
    columns={
        "escalation_id": "e.id",
        "at": "e.created_at",
        "query_id": "e.query_id",
        "conversation_id": "e.conversation_id",
        "channel": "q.channel_id",
        "category": "coalesce(nullif(run.category, ''), c.category)",
        "language": "coalesce(fact.language, customer.language)",
        "service_level": "customer.service_level",
        "model": "coalesce(run.model_used, '')",
        "prompt_version": "coalesce(run.prompt_version, '')",
        "queue": "e.queue",
        "state": "e.state",
        "reason": "why.main",
        "reasons": "e.reasons",
        "score": "e.score",
        "due_at": "e.due_at",
        "closed_at": "e.closed_at",
        "handling_seconds": seconds("e.closed_at - e.created_at"),
        "has_draft": "btrim(e.draft) <> ''",
        "is_answered": "e.reply_id IS NOT NULL",
    },
    source=f"""
FROM conversations_escalation e
JOIN conversations_query q ON q.id = e.query_id
JOIN conversations_conversation c ON c.id = e.conversation_id
JOIN conversations_customer customer ON customer.id = c.customer_id
LEFT JOIN agents_run run ON run.id = q.run_id
LEFT JOIN analytics_queryfact fact ON fact.query_id = q.id
{MAIN_REASON}
WHERE e.id = ANY(%(ids)s)""",
)
