"""One fact per insight that was told. What it cost is in the ledger under its id, failed tries included."""

from datetime import timedelta

from analytics.facts.upserts import Upsert

TRANSFER = timedelta(minutes=5)  # asked again so soon, a customer is being handed on

INSIGHTS = Upsert(
    table="analytics_insightfact",
    key="insight_id",
    columns={
        "insight_id": "i.id",
        "at": "i.created_at",
        "customer_id": "coalesce(customer.merged_into_id, customer.id, '')",
        "contact": "md5(i.contact_id)",
        "client": "i.client",
        "ivr_intent": "i.ivr_intent",
        "model": "i.model_used",
        "prompt_version": "i.prompt_version",
        "cache": "i.cache",
        "is_empty": "i.model_used = 'none'",
        "is_transfer": (
            "i.customer_id IS NOT NULL AND EXISTS (SELECT FROM conversations_insight earlier"
            " WHERE earlier.customer_id = i.customer_id AND earlier.id <> i.id AND earlier.contact_id <> i.contact_id"
            " AND earlier.created_at >= i.created_at - %(transfer)s AND earlier.created_at < i.created_at)"
        ),
        "fell_back": "i.fell_back",
        "latency_ms": "i.latency_ms",
        "model_ms": "i.model_ms",
        "cost_usd": "coalesce(used.cost_usd, 0)",
        "input_tokens": "coalesce(used.input_tokens, 0)",
        "output_tokens": "coalesce(used.output_tokens, 0)",
        "helpful": "rated.helpful",
        "not_helpful": "rated.not_helpful",
        # People write there what they like, names too: a reason that is not known stays out of the facts.
        "rating_reason": (
            "CASE WHEN rated.reason IS NULL THEN '' WHEN rated.reason = ANY(%(reasons)s) THEN rated.reason"
            " ELSE 'other' END"
        ),
    },
    source="""
FROM conversations_insight i
LEFT JOIN conversations_customer customer ON customer.id = i.customer_id
LEFT JOIN LATERAL (
  SELECT sum(a.cost_usd) AS cost_usd,
         sum(a.input_tokens + a.cache_read_tokens + a.cache_write_tokens) AS input_tokens,
         sum(a.output_tokens) AS output_tokens
  FROM common_attempt a WHERE a.run_id = i.id
) used ON true
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE g.feedback = 'helpful') AS helpful,
         count(*) FILTER (WHERE g.feedback = 'not_helpful') AS not_helpful,
         (array_agg(translate(lower(btrim(g.reason)), ' -', '__') ORDER BY g.created_at DESC)
           FILTER (WHERE g.feedback = 'not_helpful' AND g.reason <> ''))[1] AS reason
  FROM feedback_rating g WHERE g.insight_id = i.id AND g.is_current
) rated ON true
WHERE i.id = ANY(%(ids)s)""",
)
