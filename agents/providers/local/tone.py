"""Anger and frustration: cues, and what shouting and sentiment add to them."""

import re
from collections.abc import Sequence
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from agents.providers.local.cues import Hits, cues_find
from agents.providers.local.text import Sentence

SHOUTING = 0.5  # added when there are cues or strong sentiment, never enough alone
NEGATIVE = 0.5
VERY_NEGATIVE = -0.6  # VADER's compound score of a sentence
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b(?:\W+\b[A-Z]{2,}\b)?")
_MARKS = re.compile(r"[!?]{3,}|!{2,}")


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def anger_find(sentences: Sequence[Sentence]) -> Hits:
    """Whether the customer is angry or frustrated, with the words that show it."""
    cues = cues_find("anger", sentences)
    weight, words = cues.weight, list(cues.words)
    shouted = [match[0] for s in sentences for match in (_CAPITALS.search(s.text), _MARKS.search(s.text)) if match]
    if shouted:
        weight += SHOUTING if cues.words else 0
        words += shouted
    if cues.words and any(_analyzer().polarity_scores(s.text)["compound"] <= VERY_NEGATIVE for s in sentences):
        weight += NEGATIVE
    return Hits(weight, tuple(dict.fromkeys(words)))
