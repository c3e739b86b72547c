"""Which words were heard without certainty, and whether they still stand in what was sent."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from conversations.speech.types import Word

MOST_TOKENS = 4_000  # of a sent text that is compared: comparing takes time in the square of it
# Heard wrong they rarely change what is meant. Negations are not among them, nor numbers.
_MINOR = frozenset(
    """
    a an the of to in on at by for from with and or as is are was were be been am it its this that these those there
    i you he she we they me him her us them my your his our their do does did have has had so then well just
    """.split()  # noqa: SIM905 - one a line would be forty lines
)
_TOKEN = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (exclusive) of a text."""

    start: int
    end: int


def doubtful_spans(text: str, words: Sequence[Word], *, below: float) -> list[Span]:
    """Where the doubtful words of a transcript stand in its `text`; neighbours are one span.

    A word is doubtful when its confidence is less than `below` and it carries meaning. A transcript that is doubtful on
    the whole, though no such word stands out, is so from its first to its last character.
    """
    told = [word.confidence for word in words if word.confidence is not None]
    spans = [Span(start, end) for word, start, end in _placed(text, words) if _is_doubtful(word, below)]
    if not spans and told and sum(told) / len(told) < below:
        return [Span(0, len(text))] if text else []
    return _merged(text, spans)


def doubtful_left(heard: str, spans: Sequence[Span], sent: str) -> list[str]:
    """The doubtful words of `heard` that stand in `sent` as they were heard, in phrases. Changed or removed ones are
    not doubtful any more."""
    mine = list(_TOKEN.finditer(heard))
    theirs = [token.casefold() for token in _TOKEN.findall(sent)[:MOST_TOKENS]]
    kept = _kept([token[0].casefold() for token in mine], theirs)
    phrases = ([token[0] for at, token in enumerate(mine) if at in kept and _within(token, span)] for span in spans)
    return [" ".join(phrase) for phrase in phrases if phrase]


def _kept(mine: list[str], theirs: list[str]) -> set[int]:
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    return {at for block in blocks for at in range(block.a, block.a + block.size)}


def _within(token: re.Match[str], span: Span) -> bool:
    return token.start() < span.end and span.start < token.end()


def _placed(text: str, words: Sequence[Word]) -> Iterator[tuple[Word, int, int]]:
    at = 0
    for word in words:
        start = text.find(word.text, at)
        if start >= 0:
            at = start + len(word.text)
            yield word, start, at


def _is_doubtful(word: Word, below: float) -> bool:
    return word.confidence is not None and word.confidence < below and word.text.casefold() not in _MINOR


def _merged(text: str, spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and not text[merged[-1].end : span.start].strip():
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged
