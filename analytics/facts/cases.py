"""One fact per conversation that asked something: was it resolved without a person, and for good?

Notes that no person wrote (out of office) are nothing asked. A customer *reopens* a case by writing in it again after
having called it solved, or more than `PAUSE` after its last reply, within `WINDOW`; sooner is one talk, later a new
matter. The same canonical customer *came back* when within `WINDOW` of the last reply another conversation of theirs
asked about the same category, on whatever channel, or another system told of a touch whose intent names it.
"""

from datetime import timedelta

from analytics.facts.upserts import Upsert, seconds

PAUSE = timedelta(hours=24)
WINDOW = timedelta(days=7)

_BEGIN = """
WITH asked AS (
  SELECT q.id, q.conversation_id, q.created_at, q.status, q.run_id, q.channel_id, m.seq,
    reply.author AS replied_by, reply.created_at AS replied_at,
    max(reply.created_at) OVER (
      PARTITION BY q.conversation_id ORDER BY m.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
  FROM conversations_query q
  JOIN conversations_message m ON m.id = q.message_id
  LEFT JOIN conversations_message reply ON reply.id = q.reply_id
  WHERE q.conversation_id = ANY(%(ids)s) AND NOT (q.status = 'ignored' AND q.run_id IS NULL)
), told AS (
  SELECT conversation_id, min(created_at) AS opened_at, max(created_at) AS asked_at, count(*) AS queries,
    max(replied_at) AS answered_at, min(replied_at) AS first_answered_at,
    (array_agg(channel_id ORDER BY seq))[1] AS channel,
    (array_agg(status ORDER BY seq DESC))[1] AS last_status,
    (array_agg(replied_by ORDER BY seq DESC))[1] AS last_replied_by,
    (array_agg(run_id ORDER BY seq DESC) FILTER (WHERE run_id IS NOT NULL))[1] AS run_id,
    bool_or(run_id IS NOT NULL OR EXISTS (SELECT FROM agents_run r WHERE r.origin = asked.id)) AS involved,
    bool_or(created_at > before_at + %(pause)s AND created_at <= before_at + %(window)s) IS TRUE
      OR bool_or(EXISTS (
        SELECT FROM common_auditevent solved
        WHERE solved.object_type = 'conversation' AND solved.object_id = asked.conversation_id
          AND solved.action = 'conversation.resolved'
          AND asked.created_at > solved.at AND asked.created_at <= solved.at + %(window)s)) AS reopened
  FROM asked GROUP BY conversation_id
), known AS (
  SELECT told.*, coalesce(customer.merged_into_id, customer.id) AS customer_id, customer.service_level,
    coalesce(nullif(c.category, ''), run.category, '') AS category,
    coalesce(run.model_used, '') AS model, coalesce(run.prompt_version, '') AS prompt_version,
    coalesce(fact.language, customer.language) AS language,
    EXISTS (SELECT FROM conversations_escalation e WHERE e.conversation_id = c.id) AS escalated,
    EXISTS (SELECT FROM conversations_message m WHERE m.conversation_id = c.id AND m.author = 'consultant')
      AS person_spoke,
    last_status = 'answered' AND last_replied_by = 'assistant' AS answered_by_agent,
    (SELECT coalesce(sum(f.cost_usd), 0) FROM analytics_queryfact f WHERE f.conversation_id = c.id) AS cost_usd
  FROM told
  JOIN conversations_conversation c ON c.id = told.conversation_id
  JOIN conversations_customer customer ON customer.id = c.customer_id
  LEFT JOIN agents_run run ON run.id = told.run_id
  LEFT JOIN LATERAL (
    SELECT f.language FROM analytics_queryfact f WHERE f.conversation_id = c.id AND f.language <> ''
    ORDER BY f.at DESC LIMIT 1) fact ON true
), judged AS (
  SELECT known.*,
    answered_at IS NOT NULL AND (
      EXISTS (
        SELECT FROM conversations_conversation other
        JOIN conversations_query q ON q.conversation_id = other.id
        LEFT JOIN agents_run run ON run.id = q.run_id
        WHERE other.customer_id = known.customer_id AND other.id <> known.conversation_id
          AND NOT (q.status = 'ignored' AND q.run_id IS NULL)
          AND q.created_at > known.answered_at AND q.created_at <= known.answered_at + %(window)s
          AND known.category IN (other.category, run.category))
      OR EXISTS (
        SELECT FROM conversations_interaction i
        WHERE i.customer_id = known.customer_id AND i.source <> 'message'
          AND i.occurred_at > known.answered_at AND i.occurred_at <= known.answered_at + %(window)s
          AND lower(i.intent) IN (known.category, %(titles)s::jsonb->>known.category))
    ) AS came_back
  FROM known
), ended AS (
  SELECT judged.*,
    involved AND answered_by_agent AND NOT (escalated OR person_spoke OR reopened OR came_back) AS resolved
  FROM judged
)"""

CASES = Upsert(
    table="analytics_casefact",
    key="conversation_id",
    columns={
        "conversation_id": "conversation_id",
        "at": "opened_at",
        "customer_id": "customer_id",
        "channel": "channel",
        "category": "category",
        "language": "language",
        "service_level": "service_level",
        "model": "model",
        "prompt_version": "prompt_version",
        "queries": "queries",
        "last_status": "last_status",
        "involved": "involved",
        "escalated": "escalated",
        "person_spoke": "person_spoke",
        "answered_by_agent": "answered_by_agent",
        "reopened": "reopened",
        "came_back": "came_back",
        "resolved": "resolved",
        # Also what nobody has ended yet: the agent is at work, or has asked back and waits for the customer.
        "is_provisional": (
            "(resolved AND answered_at + %(window)s > %(now)s) OR (NOT (escalated OR person_spoke OR reopened)"
            " AND last_status IN ('received', 'working', 'clarification') AND asked_at + %(window)s > %(now)s)"
        ),
        "asked_at": "asked_at",
        "answered_at": "answered_at",
        "window_until": "greatest(answered_at, asked_at) + %(window)s",
        "first_answer_seconds": seconds("first_answered_at - opened_at"),
        "resolution_seconds": f"CASE WHEN last_status = 'answered' THEN {seconds('answered_at - opened_at')} END",
        "cost_usd": "cost_usd",
    },
    begin=_BEGIN,
    source="FROM ended",
)
