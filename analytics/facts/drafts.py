"""How much of a draft was sent: the words that both texts have in the same order, by Ratcliff and Obershelp."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from django.db import connection

AT_ONCE = 500
MOST_WORDS = 600
_WORD = re.compile(r"\w+")
_ANSWERED = """
SELECT e.id, e.draft, m.text FROM conversations_escalation e JOIN conversations_message m ON m.id = e.reply_id
JOIN analytics_escalationfact fact ON fact.escalation_id = e.id
WHERE e.id = ANY(%s) AND fact.is_answered AND fact.has_draft AND fact.draft_similarity IS NULL"""


def drafts_compare(escalation_ids: Sequence[str]) -> None:
    """Note of those answered since, how similar what was sent is to their draft."""
    with connection.cursor() as cursor:
        for start in range(0, len(escalation_ids), AT_ONCE):
            cursor.execute(_ANSWERED, [list(escalation_ids[start : start + AT_ONCE])])
            found = [(draft_similarity(draft, sent), key) for key, draft, sent in cursor.fetchall()]
            cursor.executemany(
                "UPDATE analytics_escalationfact SET draft_similarity = %s WHERE escalation_id = %s", found
            )


def draft_similarity(draft: str, sent: str) -> float:
    """0 (nothing in common) to 1 (word for word), whatever the mark-up. The first 600 words count."""
    first, second = (_WORD.findall(text.lower())[:MOST_WORDS] for text in (draft, sent))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
