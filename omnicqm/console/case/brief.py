"""The summary card of a case: what a consultant must know before they read anything else.

What the summariser made of the thread goes first. Until it has, and for what it did not find, the handoff tells; what
nobody knows is said to be unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agents.summary import Mood
from agents.types import Blocker, Factor
from conversations.models import CaseBrief, Escalation
from omnicqm.console.case.score import blocker_words

MOOD_ICONS = {
    Mood.CALM: "sentiment_neutral",
    Mood.PLEASED: "sentiment_satisfied",
    Mood.WORRIED: "sentiment_worried",
    Mood.FRUSTRATED: "sentiment_dissatisfied",
    Mood.ANGRY: "sentiment_extremely_dissatisfied",
}
MOST_CHARS = 320
_QUESTION = re.compile(r"[^.!?\n]{8,300}\?")
# What a blocker asks of the person who takes over, before anything else.
_FIRST_STEPS = {
    Blocker.UNVERIFIED_ACCOUNT_MATTER: "Make sure who writes before you speak about the account.",
    Blocker.ACCOUNT_MATTER: "Look the account up: the assistant may not.",
    Blocker.SAFETY: "Somebody may be in danger: read the message first, and follow the safety guide.",
    Blocker.INJECTION: "Read with care: the message tries to instruct the assistant.",
    Blocker.DOUBTFUL_TRANSCRIPT: "Check what was said: the transcription is doubtful.",
    Blocker.LANGUAGE_UNSUPPORTED: "Answer in the customer's language.",
}


@dataclass(frozen=True)
class BriefCard:
    """Texts are empty where nothing is known. `newer` counts the messages that came after the brief was made."""

    problem: str
    tried: str
    open_question: str
    next_step: str
    mood: str
    mood_words: list[str]
    why: list[str]
    made: CaseBrief | None
    newer: int

    @property
    def mood_icon(self) -> str:
        return MOOD_ICONS.get(Mood(self.mood), "sentiment_neutral") if self.mood else "help"


def brief_card(escalation: Escalation, *, said: Iterable[int], next_step: str = "") -> BriefCard:
    """`said` are the numbers of the newest messages between the customer and us, `next_step` the first step of the
    guide that is not done."""
    packet, made = escalation.packet, getattr(escalation, "brief", None)
    return BriefCard(
        problem=made.problem if made and made.problem else packet.get("summary", ""),
        tried=(made.tried if made else "") or _looked_up(packet),
        open_question=(made.open_question if made else "") or _asked(packet),
        next_step=_first_step(packet) or next_step,
        mood=made.mood if made else _mood(packet),
        mood_words=_evidence(packet, Factor.ANGRY_FRUSTRATED_TONE) + _evidence(packet, Factor.URGENCY),
        why=_why(escalation),
        made=made,
        newer=sum(seq > made.up_to_seq for seq in said) if made else 0,
    )


def _looked_up(packet: dict[str, Any]) -> str:
    """What the assistant did, where nobody has answered yet."""
    titles = list(dict.fromkeys(found["title"] for found in packet.get("passages", []) if not found.get("internal")))
    if not titles:
        return ""
    more = f" and {len(titles) - 2} more" if len(titles) > 2 else ""
    return f"The assistant looked it up: {', '.join(titles[:2])}{more}."


def _asked(packet: dict[str, Any]) -> str:
    """The last question in the customer's own words."""
    texts = [packet.get("question", ""), *(note.get("question", "") for note in packet.get("follow_ups", []))]
    asked = [found.strip() for text in texts for found in _QUESTION.findall(text)]
    return asked[-1][:MOST_CHARS] if asked else ""


def _first_step(packet: dict[str, Any]) -> str:
    return next((_FIRST_STEPS[blocker] for blocker in _FIRST_STEPS if blocker in packet.get("blockers", [])), "")


def _mood(packet: dict[str, Any]) -> str:
    """By the factors of the run; without a run nobody has listened."""
    if "factors" not in packet:
        return ""
    return Mood.ANGRY if packet["factors"].get(Factor.ANGRY_FRUSTRATED_TONE, {}).get("count") else Mood.CALM


def _evidence(packet: dict[str, Any], factor: Factor) -> list[str]:
    return list(packet.get("factors", {}).get(factor, {}).get("evidence", []))[:2]


def _why(escalation: Escalation) -> list[str]:
    blockers = [blocker_words(code) for code in escalation.packet.get("blockers", [])]
    return blockers or [escalation.explanation or "Nobody noted why."]
