"""Ways to tell a text in fewer words: parts of it, in their order, as they were written."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import takewhile

from agents.words import sentences_in

GAP = " … "
_GIST_CHARS = 120
_GIST_CONTEXT, _FACTS_CONTEXT = 5, 2  # words on either side of an amount or a date
_LONGEST_FACT = 40  # characters; what is longer is a link, a key or a picture in letters
_LEAST_WORDS = 4  # of a sentence that says what it is about; "Dear team" does not
_WORD = re.compile(r"\S+")
# Beside digits: what dates and amounts are made of, in English and German. Case does not matter.
_DATES_AND_UNITS = (
    "january jan february feb march mar april apr may june jun july jul august aug september sept sep october oct "
    "november nov december dec januar jänner februar märz mai juni juli oktober okt dezember dez "
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonntag today tomorrow yesterday tonight heute morgen gestern "
    "dollar dollars usd euro euros eur pound pounds gbp quid franc francs franken chf yen jpy rupee rupees inr cent "
    "cents percent prozent"
)
_FACT_WORDS = frozenset(_DATES_AND_UNITS.split())

Span = tuple[int, int]


class Level(IntEnum):
    """How much of a text is told, most first."""

    WHOLE = 0
    SENTENCES = 1  # what it is about, what is asked, and every sentence with an amount or a date
    GIST = 2  # how it begins, and amounts and dates with some words around them
    FACTS = 3  # amounts and dates, with their units
    NOTHING = 4


def text_shorten(text: str, level: Level) -> str:
    """What `level` leaves of `text`; gaps show as "…". Amounts and dates are in all levels but the last."""
    match level:
        case Level.WHOLE:
            return text
        case Level.SENTENCES:
            return _told(text, _sentences(text))
        case Level.GIST:
            return _told(text, [_beginning(text), *_facts(text, _GIST_CONTEXT)])
        case Level.FACTS:
            return _told(text, _facts(text, _FACTS_CONTEXT))
    return ""


def _sentences(text: str) -> Iterator[Span]:
    start, is_begun = 0, False
    for sentence in sentences_in(text):
        end = start + len(sentence)
        begins = not is_begun and len(sentence.split()) >= _LEAST_WORDS
        is_begun = is_begun or begins
        if begins or "?" in sentence or any(_is_fact(word[0]) for word in _WORD.finditer(sentence)):
            yield start, end
        start = end


def _beginning(text: str) -> Span:
    """The first words of the sentence that says what it is about."""
    start, end = next(_sentences(text), (0, len(text)))
    if end - start > _GIST_CHARS:
        end = max(text.rfind(" ", start, start + _GIST_CHARS), start)
    return start, end


def _facts(text: str, context: int) -> Iterator[Span]:
    """Amounts and dates with `context` words on either side, up to a link or a key."""
    words = [match.span() for match in _WORD.finditer(text)]
    for place, (start, end) in enumerate(words):
        if not _is_fact(text[start:end]):
            continue
        before = takewhile(_is_word, reversed(words[max(place - context, 0) : place]))
        after = takewhile(_is_word, words[place + 1 : place + 1 + context])
        yield min([start, *(span[0] for span in before)]), max([end, *(span[1] for span in after)])


def _is_word(span: Span) -> bool:
    return span[1] - span[0] <= _LONGEST_FACT


def _is_fact(word: str) -> bool:
    if len(word) > _LONGEST_FACT:
        return False
    return any(map(str.isdigit, word)) or any(part in _FACT_WORDS for part in re.findall(r"[^\W\d_]+", word.lower()))


def _told(text: str, spans: Iterable[Span]) -> str:
    """The `spans` of `text` in order, what overlaps or touches as one."""
    parts: list[Span] = []
    for start, end in sorted(spans):
        if parts and not text[parts[-1][1] : start].strip():
            parts[-1] = parts[-1][0], max(parts[-1][1], end)
        else:
            parts.append((start, end))
    told = GAP.join(text[start:end].strip() for start, end in parts)
    is_end_cut = bool(parts) and bool(text[parts[-1][1] :].strip())
    return told + GAP.rstrip() if is_end_cut else told
