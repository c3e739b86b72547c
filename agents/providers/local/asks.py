"""What a message asks for: its questions and wishes, one by one, and how many different matters they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.providers.local.leaning import points_back
from agents.providers.local.text import Kind, Sentence, matter_of
from agents.providers.local.vectors import memory
from agents.words import content_words, words_in

MAX_ASKS = 6
SAME_TOPIC = 0.30  # cosine of two asks that are about one matter, unless a word says that something new begins
NEW_TOPIC = 0.16  # below it they are different matters even without such a word

_CLAUSE = re.compile(
    r"(?:,|;)?\s+(?:and|or|also|plus|as well as)(?: also)?\s+"
    r"(?=(?:how|what|when|where|why|which|who|do|does|is|are|can|could|will|would|may|should|am)\s+\w+)|"
    r",\s+(?=(?:how|what|when|where|why|which|do|does|is|are|can|could|will|would)\s+"
    r"(?:i|we|you|it|the|there|my|much|long)\b)",
    re.IGNORECASE,
)
_SOMETHING_NEW = re.compile(
    r"\b(?:also|another|second(?:ly)?|third(?:ly)?|besides|in addition|additionally|furthermore|moreover|by the way|"
    r"btw|separately|one more|last(?:ly)?|finally|other (?:question|thing|matter|issue)|on a different note|apart from|"
    r"while (?:i'm|i am|we're) at it|as well|too|next|p\.?s\.?)\b",
    re.IGNORECASE,
)
# "We would like to buy a bed": what the questions after it are about, not a wish of its own.
_PLAN = re.compile(
    r"(?:i|we)(?:'d| would|'m| am|'re| are)? "
    r"(?:like|want|plan(?:ning)?|intend|going|about|thinking|looking|trying|hoping) (?:to|of) "
    r"(?:buy|order|purchas|book|get|travel|visit|move|use|try|switch|replac|furnish|open)",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:by the way|btw|also|and|oh|one more thing|on (?:another|a different) note|besides)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"^\d{1,2}[.)]\s+")


@dataclass(frozen=True)
class Ask:
    """One question or wish in the customer's words; asks with the same `topic` belong to one matter."""

    text: str
    topic: int


def asks_of(message: str) -> tuple[Ask, ...]:
    """The asks of a message, its whole matter when it asks nothing, none when it says nothing."""
    sentences = matter_of(message)
    wishes = [sentence for sentence in sentences if sentence.wants_something]
    questions = [sentence for sentence in wishes if sentence.kind is Kind.QUESTION]
    wishes = [wish for wish in wishes if not (questions and _PLAN.match(wish.text))]
    clauses = [clause for wish in wishes for clause in _clauses(wish)]
    if not clauses:
        whole = " ".join(sentence.text for sentence in sentences)
        return (Ask(whole, 0),) if content_words(whole) else ()
    numbered = zip(clauses, _topics(clauses), strict=True)
    return tuple(Ask(_NUMBER.sub("", clause), topic) for clause, topic in numbered)[:MAX_ASKS]


def _clauses(sentence: Sentence) -> list[str]:
    parts = _CLAUSE.split(sentence.text) if sentence.kind is Kind.QUESTION else [sentence.text]
    complete = all(len(words_in(part)) >= 3 and not _ASIDE.match(part) for part in parts)
    return parts if complete else [sentence.text]


def _topics(clauses: Sequence[str]) -> list[int]:
    """Each clause continues the topic it is closest to, or opens the next."""
    likeness = memory.embed(clauses) @ memory.embed(clauses).T
    topics: list[int] = []
    for number, clause in enumerate(clauses):
        earlier = likeness[number, :number]
        if number == 0:
            topics.append(0)
        elif float(earlier.max()) >= _limit(clause):
            topics.append(topics[int(earlier.argmax())])
        else:
            topics.append(max(topics) + 1)
    return topics


def _limit(clause: str) -> float:
    if _SOMETHING_NEW.search(clause) or _NUMBER.match(clause):
        return SAME_TOPIC
    return -1.0 if points_back(clause) else NEW_TOPIC
