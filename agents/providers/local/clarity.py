"""Whether one can tell what a message wants: garbled text, empty words, or a question that names no object."""

import re
from dataclasses import dataclass
from functools import lru_cache

from agents.providers.local.cues import cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.leaning import ASPECTS
from agents.providers.local.text import matter_of, sentences_of
from agents.providers.local.vectors import memory
from agents.words import STOP_WORDS, content_words, words_in

MIN_LETTERS_A_TOKEN = 2.4  # the embedder cuts words it knows into few tokens, noise into many
MIN_NOISE_CHARS = 4  # letters of a word; a shorter one is noise when it has no vowel
MAX_NOISE_SHARE = 0.6  # of a message's letters
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
    words = words_in(text)
    noise = sum(len(word) for word in words if _is_noise(word))
    return noise > MAX_NOISE_SHARE * sum(len(word) for word in words)


@lru_cache(maxsize=10_000)
def _is_noise(word: str) -> bool:
    if word in STOP_WORDS:
        return False
    if len(word) < MIN_NOISE_CHARS:
        return len(word) > 1 and not _VOWEL.search(word)
    return len(word) / max(1, memory.token_count(word)) < MIN_LETTERS_A_TOKEN


def _alone(dossier: Dossier) -> Clarity:
    """A first message: what it points at cannot have been named before."""
    matter = " ".join(sentence.text for sentence in matter_of(dossier.message))
    if not content_words(f"{dossier.subject} {matter}") - ASPECTS:
        return Clarity(unclear=True, askable=True, evidence=matter[:120] or dossier.message[:120])
    pointing = cues_find("clarity", sentences_of(dossier.message))
    if pointing and not dossier.subject:
        return Clarity(unclear=True, askable=True, evidence=pointing.words[0])
    return CLEAR
