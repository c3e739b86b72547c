"""The views of the schema `reporting`: all that a question can see. No text of a customer, no name, no address."""

import hashlib
from collections.abc import Mapping

SCHEMA = "reporting"
_SHARED = "at, channel, category, language, service_level, model, prompt_version, is_demo"
VIEWS: Mapping[str, str] = {
    "queries": f"""SELECT {_SHARED}, customer_id, conversation_id, status, decision, answered_by, reason, is_covered,
        has_run, run_failed, fell_back, is_final, finished_at, score, support, run_ms, answer_seconds, cost_usd,
        input_tokens, output_tokens, helpful, not_helpful, relevance, accuracy, safety, verdict
        FROM analytics_queryfact WHERE NOT is_automatic""",
    "cases": f"""SELECT {_SHARED}, customer_id, queries, last_status, involved, escalated, person_spoke,
        answered_by_agent, reopened, came_back, resolved, is_provisional, asked_at, answered_at, window_until,
        first_answer_seconds, resolution_seconds, cost_usd FROM analytics_casefact""",
    "escalations": f"""SELECT {_SHARED}, queue, state, reason, score, due_at, closed_at, handling_seconds, has_draft,
        is_answered, draft_similarity FROM analytics_escalationfact""",
    "attempts": """SELECT at, area, scope, purpose, provider, model, channel, category, prompt_version, outcome,
        latency_ms, cost_usd, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, is_demo
        FROM analytics_attemptfact""",
    "insights": """SELECT at, customer_id, contact, ivr_intent, model, prompt_version, cache, is_empty, is_transfer,
        fell_back, latency_ms, model_ms, cost_usd, input_tokens, output_tokens, helpful, not_helpful, rating_reason,
        is_demo
        FROM analytics_insightfact""",
}


def views_fingerprint() -> str:
    """Changes with the views."""
    return hashlib.sha256("\n".join(f"{name}:{sql}" for name, sql in VIEWS.items()).encode()).hexdigest()[:16]
