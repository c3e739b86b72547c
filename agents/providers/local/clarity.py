"""Whether one can tell what a message wants: garbled text, empty words, or a question that names no object."""

import re
from dataclasses import dataclass

from agents.providers.local.asks import leans_back
from agents.providers.local.cues import cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.text import matter_of, sentences_of
from agents.providers.local.vectors import memory
from agents.words import content_words, words_in

MIN_LETTERS_A_TOKEN = 2.5  # the embedder cuts words it knows into few tokens, noise into many
MIN_NOISE_CHARS = 6
FEW = 2  # content words: a message of so few that points back at nothing is unclear
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)


@dataclass(frozen=True)
class Clarity:
    """`unclear` counts against the score; `askable` says that one question back would settle it."""

    unclear: bool
    askable: bool
    evidence: str = ""


CLEAR = Clarity(unclear=False, askable=False)


def clarity_of(dossier: Dossier) -> Clarity:
    message = dossier.message.strip()
    if not words_in(message):
        return Clarity(unclear=True, askable=True, evidence=message[:60] or "(empty message)")
    if is_garbled(message):
        return Clarity(unclear=True, askable=True, evidence=message[:60])
    if dossier.turns:
        return CLEAR
    return _alone(dossier)


def is_garbled(text: str) -> bool:
    """Whether `text` looks like keys hit at random rather than words."""
    words = [word for word in words_in(text) if len(word) > 2]
    letters = "".join(words)
    if len(letters) < MIN_NOISE_CHARS:
        return bool(words) and not _VOWEL.search(letters)
    return len(letters) / max(1, memory.token_count(" ".join(words))) < MIN_LETTERS_A_TOKEN


def _alone(dossier: Dossier) -> Clarity:
    """A first message: what it points at cannot have been named before."""
    matter = " ".join(sentence.text for sentence in matter_of(dossier.message))
    named = content_words(f"{dossier.subject} {matter}")
    if not named or (len(named) <= FEW and leans_back(matter) and not dossier.subject):
        return Clarity(unclear=True, askable=True, evidence=matter[:120] or dossier.message[:120])
    pointing = cues_find("clarity", sentences_of(dossier.message))
    if pointing and not dossier.subject:
        return Clarity(unclear=True, askable=True, evidence=pointing.words[0])
    return CLEAR
