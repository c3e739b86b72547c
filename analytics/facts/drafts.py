"""How much of a draft was sent: as the newest correction says, which knows what the consultant saw; where replies are
older than corrections, by comparing with the draft the escalation has."""

from collections.abc import Sequence

from django.db import connection

from feedback.learning.diffs import similarity as draft_similarity

AT_ONCE = 500
_NOTED = """
UPDATE analytics_escalationfact fact SET draft_similarity = c.similarity
FROM (
  SELECT DISTINCT ON (escalation_id) escalation_id, similarity FROM feedback_correction
  WHERE escalation_id = ANY(%s) AND message_id IS NOT NULL ORDER BY escalation_id, created_at DESC
) c
WHERE fact.escalation_id = c.escalation_id AND fact.is_answered
  AND fact.draft_similarity IS DISTINCT FROM c.similarity"""
_ANSWERED = """
SELECT e.id, e.draft, m.text FROM conversations_escalation e JOIN conversations_message m ON m.id = e.reply_id
JOIN analytics_escalationfact fact ON fact.escalation_id = e.id
WHERE e.id = ANY(%s) AND fact.is_answered AND fact.has_draft AND fact.draft_similarity IS NULL
  AND NOT EXISTS (SELECT FROM feedback_correction c WHERE c.escalation_id = e.id)"""

# One statement: after each one the sums of the days it touched are computed anew.
_COMPARED = """
UPDATE analytics_escalationfact fact SET draft_similarity = found.alike
FROM unnest(%s::text[], %s::float8[]) found(escalation_id, alike) WHERE fact.escalation_id = found.escalation_id"""


def drafts_compare(escalation_ids: Sequence[str]) -> None:
    """Note of those answered since, how similar what was sent is to their draft."""
    with connection.cursor() as cursor:
        for start in range(0, len(escalation_ids), AT_ONCE):
            cursor.execute(_NOTED, [list(escalation_ids[start : start + AT_ONCE])])
            cursor.execute(_ANSWERED, [list(escalation_ids[start : start + AT_ONCE])])
            found = {key: draft_similarity(draft, sent) for key, draft, sent in cursor.fetchall()}
            if found:
                cursor.execute(_COMPARED, [list(found), list(found.values())])
