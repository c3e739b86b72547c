"""From scores to grades: the same steps for every judge and for people who overrule one."""

from agents.judging.types import Mark
from agents.types import Grade

GOOD_FROM, DOUBTFUL_FROM = 0.75, 0.5
MAX_RATIONALE_CHARS = 600


def grade_of(score: float) -> Grade:
    """The grade of a score from 0 to 1."""
    if score >= GOOD_FROM:
        return Grade.GOOD
    return Grade.DOUBTFUL if score >= DOUBTFUL_FROM else Grade.BAD


def mark_make(score: float, rationale: str) -> Mark:
    """`score`, kept within 0 and 1, with its grade."""
    kept = round(min(1.0, max(0.0, score)), 4)
    return Mark(kept, rationale[:MAX_RATIONALE_CHARS], grade_of(kept))


def mark_none(rationale: str) -> Mark:
    """Nothing to score, and why."""
    return Mark(None, rationale)
