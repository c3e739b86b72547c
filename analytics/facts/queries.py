"""One fact per query.

What a run cost is told of the query that it was begun for (`agents_run.origin`), so that it is counted once: queries
that were answered together share a run. The language is the one that the agent found, else the one the customer chose.
"""

from analytics.facts.reasons import MAIN_REASON
from analytics.facts.upserts import Upsert, seconds

_COST = """
LEFT JOIN LATERAL (
  SELECT sum(a.cost_usd) AS cost_usd,
         sum(a.input_tokens + a.cache_read_tokens + a.cache_write_tokens) AS input_tokens,
         sum(a.output_tokens) AS output_tokens
  FROM agents_run r JOIN common_attempt a ON a.run_id = r.id WHERE r.origin = q.id
) used ON true"""
# Who answered in the end is asked of the ledger; who was asked first too, or was passed over, of its steps.
_FALLBACK = """
LEFT JOIN LATERAL (
  SELECT count(DISTINCT a.provider) FILTER (WHERE a.outcome <> 'abandoned') > 1 AS several
  FROM common_attempt a WHERE a.run_id = run.id AND a.purpose IN ('gather', 'assess', 'compose', 'repair')
) asked ON true
LEFT JOIN LATERAL (
  SELECT bool_or(s.kind = 'model' AND s.name LIKE '%% passed over') AS one,
         max(substring(s.output->>'assessment' FROM '"language"\\s*:\\s*"([a-z]{2,3})"'))
           FILTER (WHERE s.kind = 'assess') AS language
  FROM agents_runstep s WHERE s.run_id = run.id AND s.kind IN ('model', 'assess')
) step ON true"""
_RATINGS = """
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE g.feedback = 'helpful') AS helpful,
         count(*) FILTER (WHERE g.feedback = 'not_helpful') AS not_helpful
  FROM feedback_rating g WHERE g.query_id = q.id AND g.is_current
) rated ON true"""

QUERIES = Upsert(
    table="analytics_queryfact",
    key="query_id",
    columns={
        "query_id": "q.id",
        "at": "q.created_at",
        "finished_at": "q.finished_at",
        "customer_id": "coalesce(customer.merged_into_id, customer.id)",
        "conversation_id": "q.conversation_id",
        "run_id": "coalesce(q.run_id, '')",
        "channel": "q.channel_id",
        "category": "coalesce(nullif(run.category, ''), c.category)",
        "language": "left(coalesce(nullif(step.language, ''), customer.language), 10)",
        "service_level": "customer.service_level",
        "model": "coalesce(run.model_used, '')",
        "prompt_version": "coalesce(run.prompt_version, '')",
        "status": "q.status",
        "decision": "coalesce(run.decision, '')",
        "answered_by": (
            "CASE reply.author WHEN 'assistant' THEN 'agent' WHEN 'consultant' THEN 'consultant' ELSE '' END"
        ),
        "reason": "coalesce(why.main, '')",
        "is_automatic": "q.status = 'ignored' AND q.run_id IS NULL",
        "is_covered": "q.answered_with_id IS NOT NULL",
        "has_run": "run.id IS NOT NULL",
        "run_failed": "coalesce(run.state = 'failed', false)",
        "fell_back": "coalesce(asked.several, false) OR coalesce(step.one, false)",
        "is_final": "q.status NOT IN ('received', 'working') AND (e.id IS NULL OR e.closed_at IS NOT NULL)",
        "score": "run.score",
        "support": "run.support",
        "run_ms": "run.latency_ms",
        "answer_seconds": seconds("reply.created_at - q.created_at"),
        "cost_usd": "coalesce(used.cost_usd, 0)",
        "input_tokens": "coalesce(used.input_tokens, 0)",
        "output_tokens": "coalesce(used.output_tokens, 0)",
        "helpful": "rated.helpful",
        "not_helpful": "rated.not_helpful",
    },
    source=f"""
FROM conversations_query q
JOIN conversations_conversation c ON c.id = q.conversation_id
JOIN conversations_customer customer ON customer.id = c.customer_id
LEFT JOIN agents_run run ON run.id = q.run_id
LEFT JOIN conversations_message reply ON reply.id = q.reply_id
LEFT JOIN conversations_escalation e ON e.query_id = coalesce(q.answered_with_id, q.id)
{MAIN_REASON}{_COST}{_FALLBACK}{_RATINGS}
WHERE q.id = ANY(%(ids)s)""",
)

# The judge's scores, with what people have put right; `feedback` may have no judge yet. Of several judgements the one
# that pages show counts (`feedback.judging.selectors.judgements_of`).
JUDGED_TABLE = "feedback_judgement"
JUDGED = """
UPDATE analytics_queryfact fact
SET (relevance, accuracy, safety, verdict) = ROW(new.relevance, new.accuracy, new.safety, new.verdict)
FROM (
  SELECT DISTINCT ON (q.id) q.id, j.verdict,
    coalesce(o.relevance, j.relevance) AS relevance,
    coalesce(o.accuracy, j.accuracy) AS accuracy,
    coalesce(o.safety, j.safety) AS safety
  FROM conversations_query q
  JOIN feedback_judgement j ON j.run_id = q.run_id AND j.state = 'judged' AND j.kind = 'reply'
  LEFT JOIN LATERAL (
    SELECT max(v.value) FILTER (WHERE v.aspect = 'relevance') AS relevance,
           max(v.value) FILTER (WHERE v.aspect = 'accuracy') AS accuracy,
           max(v.value) FILTER (WHERE v.aspect = 'safety') AS safety
    FROM feedback_overruling v WHERE v.judgement_id = j.id AND v.is_current
  ) o ON true
  WHERE q.id = ANY(%(ids)s) AND q.answered_with_id IS NULL
  ORDER BY q.id, j.judge <> 'model', j.created_at DESC
) new
WHERE fact.query_id = new.id
  AND ROW(fact.relevance, fact.accuracy, fact.safety, fact.verdict)
      IS DISTINCT FROM ROW(new.relevance, new.accuracy, new.safety, new.verdict)"""
