"""Why a case is with people, in the few words that a line has room for."""

from collections.abc import Collection, Mapping, Sequence

from agents.types import Blocker, Factor
from conversations.escalations.filters import LOW_SCORE

# The order in which they weigh; the first two are shown.
FACTORS: Mapping[str, str] = {
    Factor.PREMIUM_COMPLAINTS: "Premium complaint",
    Factor.ANGRY_FRUSTRATED_TONE: "Angry tone",
    Factor.URGENCY: "Urgent",
    Factor.NO_KNOWLEDGE: "Nothing known about it",
    Factor.UNCLEAR_INFO: "Unclear",
    Factor.MULTIPLE_TOPICS: "Several topics",
}
REASONS: Mapping[str, str] = {
    Blocker.ASKED_FOR_PERSON: "Asked for a person",
    Blocker.UNVERIFIED_ACCOUNT_MATTER: "Account matter, sender not verified",
    Blocker.ACCOUNT_MATTER: "Account matter",
    Blocker.SAFETY: "Needs a person's care",
    Blocker.INJECTION: "Tries to instruct the assistant",
    Blocker.DOUBTFUL_TRANSCRIPT: "Doubtful transcript",
    Blocker.BUDGET_EXHAUSTED: "Budget exhausted",
    Blocker.OUTPUT_INVALID: "Reply could not be verified",
    Blocker.TOOL_FAILED: "A tool failed",
    Blocker.LIMIT_REACHED: "Limit reached",
    Blocker.HUMAN_TOOK_OVER: "Taken over",
    Blocker.DRAFTS_ONLY: "Drafts only",
    Blocker.AGENT_ESCALATED: "Assistant asked for help",
    Blocker.LANGUAGE_UNSUPPORTED: "Language not read",
    Blocker.PEOPLE_ONLY: "Assistant is silenced",
    Blocker.SHADOW: "Assistant answers silently",
    LOW_SCORE: "Low score",
    "no_support": "Reply not borne out",
    "agent_unavailable": "Assistant not available",
    "reply_limit": "Too many automatic replies",
    "taken_over": "Taken over",
}
MOST = 2


def reason_words(reasons: Sequence[str], factors: Collection[str]) -> str:
    """``Premium complaint, angry tone``: of a low score what lowered it, else what kept the reply back."""
    seen = [words for name, words in FACTORS.items() if name in factors]
    words = [_words(code) for code in reasons if code != LOW_SCORE]
    if LOW_SCORE in reasons:
        words += seen or [REASONS[LOW_SCORE]]
    first, *others = words[:MOST] or ["Handed over"]
    return ", ".join([first, *(other[:1].lower() + other[1:] for other in others)])


def _words(code: str) -> str:
    return REASONS.get(code) or code.replace("_", " ").capitalize()
