"""Accuracy: each claim is held against what it cites.

A claim is supported when a stretch of one to three sentences of a cited text says about the same (half by likeness of
meaning, half by its words) and has every number of the claim. The bounds were set on one half of people's scores; see
docs/evaluation/judge.md.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agents.judging.claims import Stated, claims_of
from agents.judging.grading import mark_make, mark_none
from agents.judging.types import Claim, Evidence, JudgeCase, Mark
from agents.providers.local.vectors import Matrix, memory
from agents.words import content_words, numbers_in, sentences_in, words_in

STRETCH = 3  # sentences
MAX_STRETCHES = 240  # of one text: a chunk has some tens
NOTHING_FROM, ALL_FROM = 0.3, 0.8  # likeness below which a claim has no support, and from which it has it all
SUPPORTED_FROM = 0.5  # of the support between them
WRONG_FIGURE = 0.0
MAX_NAMED = 3


@dataclass(frozen=True)
class Checked:
    """A claim with its support, 0 to 1, and what of it no source has."""

    claim: Claim
    support: float
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Text:
    """A cited text, read: its stretches, their vectors and their words."""

    number: int
    vectors: Matrix
    words: tuple[frozenset[str], ...]
    figures: frozenset[str]


def claims_check(case: JudgeCase) -> list[Checked]:
    """Every claim of the text, checked against what it cites, or against all that is cited when it names nothing."""
    told = frozenset(numbers_in("\n".join((case.question, *(turn.text for turn in case.history)))))
    texts = [_read(entry) for entry in case.evidence]
    return [_check(stated, texts, told) for stated in claims_of(case)]


def accuracy_mark(case: JudgeCase, claims: list[Checked]) -> Mark:
    """The mean support of the claims. Without claims there is nothing to score."""
    if not claims:
        return mark_none("The text states nothing that could be checked.")
    if not case.evidence:
        return mark_make(0.0, f"{_count(len(claims))} and cites nothing that supports it.")
    return mark_make(sum(checked.support for checked in claims) / len(claims), _reason(claims))


def _reason(claims: list[Checked]) -> str:
    weak = [checked for checked in claims if not checked.claim.supported]
    supported = f"{len(claims) - len(weak)} of {len(claims)} claims are supported by what is cited."
    named = [_told(checked) for checked in sorted(weak, key=lambda checked: checked.support)[:MAX_NAMED]]
    return " ".join([supported, *named])


def _told(checked: Checked) -> str:
    if checked.figures:
        return f"No source has {', '.join(checked.figures[:MAX_NAMED])}: “{_cut(checked.claim.text)}”."
    return f"Not found: “{_cut(checked.claim.text)}”."


def _cut(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117].rstrip()}…"


def _count(claims: int) -> str:
    return "It states one thing" if claims == 1 else f"It states {claims} things"


def _check(stated: Stated, texts: list[_Text], told: frozenset[str]) -> Checked:
    cited = [text for text in texts if text.number in stated.cited] or texts
    figures = numbers_in(stated.text)
    missing = tuple(sorted(figures - frozenset().union(told, *(text.figures for text in cited))))
    likeness = {text.number: _likeness(stated.text, text) for text in cited}
    best = max(likeness.values(), default=0.0)
    support = WRONG_FIGURE if missing else _between(best)
    supported = support >= SUPPORTED_FROM
    sources = tuple(number for number, value in likeness.items() if supported and value >= best - 0.05)
    return Checked(Claim(stated.text, supported, sources), support, missing)


def _between(likeness: float) -> float:
    return min(1.0, max(0.0, (likeness - NOTHING_FROM) / (ALL_FROM - NOTHING_FROM)))


def _likeness(claim: str, text: _Text) -> float:
    """Of the stretch that says most of it."""
    if not text.words:
        return 0.0
    words = content_words(claim)
    meant = np.clip(text.vectors @ memory.embed([claim])[0], 0.0, 1.0)
    covered = np.array([len(words & stretch) / len(words) if words else 1.0 for stretch in text.words])
    return float(np.max(0.5 * meant + 0.5 * covered))


def _read(entry: Evidence) -> _Text:
    stretches = _stretches(f"{entry.title}.\n{entry.text}" if entry.title else entry.text)
    words = tuple(frozenset(content_words(stretch)) for stretch in stretches)
    figures = frozenset(numbers_in(f"{entry.title} {entry.text}"))
    return _Text(entry.number, memory.embed(stretches), words, figures)


@lru_cache(maxsize=256)
def _stretches(text: str) -> tuple[str, ...]:
    """Every sentence, every two and every three that follow each other."""
    sentences = [part.strip() for line in text.splitlines() for part in sentences_in(line) if words_in(part)]
    found = [
        " ".join(sentences[start : start + length])
        for length in range(1, STRETCH + 1)
        for start in range(max(len(sentences) - length + 1, 1))
    ]
    return tuple(dict.fromkeys(found))[:MAX_STRETCHES]
