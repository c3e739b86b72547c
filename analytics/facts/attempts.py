"""One fact per row of the cost ledger: what it was for comes from the query, insight or judgement it names."""

from analytics.facts.upserts import Upsert

ATTEMPTS = Upsert(
    table="analytics_attemptfact",
    key="attempt_id",
    columns={
        "attempt_id": "a.id",
        "at": "a.at",
        "query_id": "coalesce(fact.query_id, '')",
        "area": (
            "CASE WHEN a.purpose = 'transcribe' THEN 'speech' WHEN a.purpose LIKE 'judge%%' THEN 'judge'"
            # A run that has no query of its own answers nobody: a replay, a consultant's further draft, an evaluation.
            " WHEN a.scope = 'insights' THEN 'insight' WHEN fact.query_id IS NOT NULL THEN 'reply' ELSE 'other' END"
        ),
        "purpose": "a.purpose",
        "provider": "a.provider",
        "model": "a.model",
        "scope": "left(a.scope, 60)",
        "channel": "left(CASE WHEN a.scope LIKE 'channel:%%' THEN substr(a.scope, 9) ELSE '' END, 40)",
        "category": "coalesce(fact.category, nullif(run.category, ''), '')",
        "prompt_version": "coalesce(nullif(run.prompt_version, ''), insight.prompt_version, '')",
        "outcome": "a.outcome",
        "latency_ms": "a.latency_ms",
        "cost_usd": "a.cost_usd",
        "input_tokens": "a.input_tokens",
        "output_tokens": "a.output_tokens",
        "cache_read_tokens": "a.cache_read_tokens",
        "cache_write_tokens": "a.cache_write_tokens",
    },
    source="""
FROM common_attempt a
LEFT JOIN agents_run run ON run.id = a.run_id
LEFT JOIN analytics_queryfact fact ON fact.query_id = run.origin
LEFT JOIN conversations_insight insight ON insight.id = a.run_id
WHERE a.id = ANY(%(ids)s)""",
)
