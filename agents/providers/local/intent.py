"""The intent of a message: rules for what is said in set words, likeness to exemplars for the rest."""

import re
from collections.abc import Sequence

from agents.providers.local.asks import Ask
from agents.providers.local.classify import class_find, intents_load

OTHER = "other"
_HOW_TO = re.compile(
    r"\b(?:how (?:do|can|could|should|would|to|must|may)|what (?:do|must|should) i do|where (?:do|can) i)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\b(?:what|which|when|how (?:long|much|many|often)|do you|does|is there|are there|is it)\b", re.IGNORECASE
)


def intent_find(asks: Sequence[Ask], *, smalltalk: str, complaint: bool, person: bool) -> str:
    """A short stable name such as "how_to", "complaint" or "thanks"."""
    if smalltalk:
        return smalltalk
    if person:
        return "speak_to_person"
    if complaint:
        return "complaint"
    texts = [ask.text for ask in asks]
    if any(_HOW_TO.search(text) for text in texts):
        return "how_to"
    found = class_find(texts, intents_load()) or OTHER
    asks_only = bool(texts) and all(_QUESTION.search(text) for text in texts)
    return "information" if asks_only and found not in ("status", "recommendation") else found
