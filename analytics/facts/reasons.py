"""The one reason that an escalation is counted under."""

# A low score alone tells nothing: what weighs most against the reply does. Wants `e` (escalation) and `run`.
MAIN_REASON = """
LEFT JOIN LATERAL (
  SELECT left(CASE
    WHEN e.reasons->>0 = 'score_below_threshold' THEN coalesce((
      SELECT f.key FROM jsonb_each(CASE jsonb_typeof(run.factors) WHEN 'object' THEN run.factors ELSE '{}' END) f
      ORDER BY (f.value->>'count')::int * (f.value->>'weight')::int DESC NULLS LAST, f.key LIMIT 1), e.reasons->>0)
    ELSE coalesce(e.reasons->>0, 'unknown') END, 60) AS main
  WHERE e.id IS NOT NULL
) why ON true"""
