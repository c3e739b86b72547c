"""How far words stand on their own, and how far they need what was said before them: "And how much is that?"."""

import re
from pathlib import Path

from agents.words import content_words, stem, word_list, words_in

# Words that say what one wants to know of a thing, not which thing.
ASPECTS = frozenset(map(stem, word_list(Path(__file__).parent / "data" / "words_aspect.txt")))
ALONE = 1.0
MAX_FRAGMENT_WORDS = 7

_GOES_ON = re.compile(
    r"(?:(?:thanks|thank you|thx|ok(?:ay)?|great|good|fine|perfect)[,.!]* )?"
    r"(?:and|or|so|but|then|also|what about|how about)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|they|them|their|those|these|(?:that|this|the other) one|ones|he|she|the same)\b",
    re.IGNORECASE,
)
# "the parcel … it": what is pointed at is named in the same words.
_NAMED_BEFORE = re.compile(
    r"\b(?:an?|the|my|our|your|some|any|no|each|every|old|new)\s+(?!(?:same|other|one)\b)[\w'’-]+"
    r"(?:[,.;:!?]?\s+[\w'’-]+){0,12}?[,.;:!?]?\s+(?:it|its|that|they|them|their|one|ones)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|am|do|does|did|can|could|will|would|shall|should|may|might|must|have|has|had|there's|what's|"
    r"i|i'm|i'd|i've|we|you|happens?|\w+n't)\b",
    re.IGNORECASE,
)
# What an ask's own words weigh beside those it leans on, by the number of things it names: none, one, two, more.
_POINTING, _FRAGMENT, _SENTENCE = (0.3, 0.55, 0.7, 0.8), (0.3, 0.5, 0.6, 0.7), (0.3, 0.75, ALONE, ALONE)


def reliance(text: str) -> float:
    """How much weight the words of `text` deserve beside what was said before: 1 when they stand alone, else less."""
    own = min(3, len(content_words(text) - ASPECTS))
    if _points_back(text):
        return _POINTING[own]
    if _is_fragment(text):
        return _FRAGMENT[own]
    return _SENTENCE[own]


def leans_back(text: str) -> bool:
    """Whether `text` needs what was said before: it points back, is no sentence or names no thing of its own."""
    return reliance(text) < ALONE


def points_back(text: str) -> bool:
    """Whether `text` speaks of what was named before it, or names no thing at all."""
    return _points_back(text) or not content_words(text) - ASPECTS


def _points_back(text: str) -> bool:
    return bool(_POINTS_BACK.search(text)) and not _NAMED_BEFORE.search(text)


def _is_fragment(text: str) -> bool:
    """ "And for a wardrobe?", "What about Sundays?": words without a predicate of their own."""
    rest = _GOES_ON.sub("", text, count=1)
    return len(words_in(rest)) <= MAX_FRAGMENT_WORDS and not _FINITE.search(rest)
