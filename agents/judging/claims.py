"""The claims of a text: its sentences that state something and can be held against what is cited."""

import re
from dataclasses import dataclass

from agents.courtesies import TEMPLATES, is_courtesy
from agents.guard.units import CITATION, LIST_ITEM, plain_text, units_split
from agents.judging.types import JudgeCase
from agents.judging.withholding import WITHHELD
from agents.words import content_words, numbers_in, sentences_in, words_in

MAX_CLAIMS = 40
MAX_CLAIM_CHARS = 400
_GREETING = re.compile(r"(?:hello|hi|dear|good (?:morning|afternoon|evening))\b[^.!?\n]{0,60},?\s*", re.IGNORECASE)
# "I have no information on that" says what is not known; no passage can bear it out, and none needs to.
_ABSENCE = re.compile(
    r"\b(?:i|we|it|(?:documents?|context|passages?|text|information|articles?|sources?))\b[^.!?]{0,15}"
    r"\b(?:(?:do(?:es)?|can|could|am|are|is|was|were)(?: not|n['’]t)|cannot|unable)\b[^.!?]{0,30}"
    r"\b(?:have|find|found|know|say|tell|see|provide|specify|include|contain|mention|answer|able|help)\b"
    r"|\b(?:have|found|is|are|there['’]s) no (?:\w+ ){0,2}information\b"
    r"|\bnot (?:provided|mentioned|specified|stated) in (?:the|our)\b"
    r"|\b(?:a|one of our) (?:colleague|person|consultant|agent)s?\b[^.!?]{0,40}\b(?:will|answer|reply|get back|look)\b",
    re.IGNORECASE,
)


_OURS = frozenset(sentence.strip() for text in TEMPLATES.values() for sentence in sentences_in(text))


@dataclass(frozen=True)
class Stated:
    """A claim without markup, and the numbers it cites; none when it cites nothing."""

    text: str
    cited: tuple[int, ...] = ()


def claims_of(case: JudgeCase) -> list[Stated]:
    """The claims of what is judged. Who asks back states nothing: the guard has seen to that."""
    return [] if case.kind == "question" else claims_in(case.reply)


def claims_in(reply: str) -> list[Stated]:
    """The claims of a Markdown text, in order. Courtesies, questions and words of regret are none; a list item shares
    the citation of the line before its list."""
    found: list[Stated] = []
    inherited: tuple[int, ...] = ()
    for unit in units_split(f"{reply}\n"):
        cited = tuple(dict.fromkeys(int(number) for number in CITATION.findall(unit)))
        if not cited and LIST_ITEM.match(unit):
            cited = inherited
        if unit.strip():
            inherited = cited
        plain = plain_text(unit)
        if states_something(plain):
            found.append(Stated(plain[:MAX_CLAIM_CHARS], cited))
    return found[:MAX_CLAIMS]


def states_something(plain: str) -> bool:
    """Whether a sentence without markup is a claim."""
    if not (words_in(plain) or numbers_in(plain)) or plain.endswith(("?", ":")):
        return False
    if is_courtesy(plain) or _GREETING.fullmatch(plain) or _ABSENCE.search(plain) or plain in (WITHHELD, *_OURS):
        return False
    return bool(content_words(plain) or numbers_in(plain))


def says_not_known(reply: str) -> bool:
    """Whether a text says that something asked for is not known to it."""
    return _ABSENCE.search(plain_text(reply)) is not None
