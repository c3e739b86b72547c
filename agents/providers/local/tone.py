"""How a message is meant: in anger, as a complaint, as a wish for a person.

Cues tell, and what shouting and sentiment add to them; where they do not, likeness to what others say in that manner.
"""

import re
from collections.abc import Sequence
from functools import cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from agents.providers.local.cues import Hits, cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.manner import manner_find
from agents.providers.local.text import Kind, Sentence, sentences_of

SHOUTING = 0.5  # added when there are cues or strong sentiment, never enough alone
NEGATIVE = 0.5
TOLD_IN_ANGER = 0.5
VERY_NEGATIVE = -0.6  # VADER's compound score of a sentence
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b(?:\W+\b[A-Z]{2,}\b)?")
_MARKS = re.compile(r"[!?]{3,}|!{2,}")


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def voiced_of(dossier: Dossier) -> list[Sentence]:
    """Everything a tone may show in: the subject, then the sentences."""
    subject = [Sentence(dossier.subject, Kind.STATEMENT)] if dossier.subject else []
    return [*subject, *sentences_of(dossier.message)]


def complaint_find(sentences: Sequence[Sentence]) -> Hits:
    """Whether the customer complains; something that went wrong is a complaint when it is told in anger."""
    cues = cues_find("complaint", sentences)
    told_in_anger = bool(cues.words) and bool(anger_find(sentences))
    found = Hits(cues.weight + (TOLD_IN_ANGER if told_in_anger else 0), cues.words)
    return found or _both(found, manner_find("complaint", sentences))


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
    found = Hits(weight, tuple(dict.fromkeys(words)))
    return found or _both(found, manner_find("anger", sentences))


def person_find(sentences: Sequence[Sentence]) -> Hits:
    """Whether the customer asks for a person, with the words that say so."""
    cues = cues_find("person", sentences)
    return cues or _both(cues, manner_find("person", sentences))


def _both(cues: Hits, manner: Hits) -> Hits:
    return Hits(cues.weight + manner.weight, (*cues.words, *manner.words))
