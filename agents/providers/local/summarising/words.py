"""Sentences that carry nothing a colleague needs, and those that tell of trouble, deeds and promises."""

import re
from functools import lru_cache

from agents.cues import Hits
from agents.privacy import personal_find
from agents.providers.local.cues import cues_find
from agents.providers.local.text import Kind, Sentence
from agents.words import content_words, words_in

MIN_WORDS = 2  # content words
MIN_QUESTION = 4  # words of a question that one content word is enough for
LABEL_WORDS = 3
_LABEL = re.compile(
    r"^(?:(?:my|the) )?(?:user ?name|name|e-?mail(?: address)?|phone(?: number)?|account(?: (?:number|id))?|"
    r"order(?: (?:id|number))?|address|zip(?: code)?|member(?:ship)?(?: level)?)\s*(?:is|:|=)",
    re.IGNORECASE,
)


def says_nothing(sentence: Sentence) -> bool:
    """Whether a sentence only holds the line, identifies somebody, or is a fragment without a matter."""
    least = 1 if sentence.wants_something and len(words_in(sentence.text)) >= MIN_QUESTION else MIN_WORDS
    if nothing_known_in(sentence.text):
        return False
    return _content(sentence.text) < least or bool(_cues("summary_filler", sentence.text))


@lru_cache(maxsize=4_000)
def _content(text: str) -> int:
    """How many words carry meaning beside personal data and its labels."""
    rest = text
    for found in reversed(personal_find(text)):
        rest = rest[: found.start] + rest[found.end :]
    count = len(content_words(rest))
    return 0 if _LABEL.match(text) and count <= LABEL_WORDS else count


def trouble_in(text: str) -> bool:
    """Whether `text` tells that something is wrong."""
    return bool(_cues("summary_trouble", text))


def deed_in(text: str) -> bool:
    """Whether `text` tells what was done, decided or refused."""
    return bool(_cues("summary_deed", text))


def promise_in(text: str) -> bool:
    """Whether `text` promises something that is still to come."""
    return bool(_cues("summary_promise", text))


def nothing_known_in(text: str) -> bool:
    """Whether `text` says that there was no answer."""
    return bool(_cues("summary_no_answer", text))


@lru_cache(maxsize=8_000)
def _cues(name: str, text: str) -> Hits:
    return cues_find(name, [Sentence(text.replace("’", "'"), Kind.STATEMENT)])
