"""The score of an escalation, taken apart so that a consultant sees where each point went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.factors import BLOCKER_WORDS, FACTOR_WORDS
from agents.types import Blocker, Factor
from conversations.models import Escalation


@dataclass(frozen=True)
class FactorLine:
    """One of the six factors: how often it was seen, what it costs, and the words that show it."""

    title: str
    count: int
    weight: int
    evidence: list[str]

    @property
    def points(self) -> int:
        return self.count * self.weight


@dataclass(frozen=True)
class Bar:
    """A stretch of the scale from 0 to 100 that a factor took away."""

    title: str
    start: int
    width: int


@dataclass(frozen=True)
class ScoreCard:
    """`score` is None when the agent could not work on the message."""

    score: int | None
    threshold: int | None
    factors: list[FactorLine]
    blockers: list[str]
    explanation: str

    @property
    def is_decisive(self) -> bool:
        """Whether the score itself kept the assistant from answering; else something beside it did."""
        return self.score is not None and (self.threshold is None or self.score < self.threshold)

    @property
    def sum(self) -> str:
        """``100 − 50 − 30 − 15 = 5``, or with ``, not below 0`` where the sum ends there."""
        if self.score is None:
            return ""
        lost = [line.points for line in self.factors if line.points]
        floor = ", not below 0" if sum(lost) > 100 else ""
        return f"{' − '.join(map(str, [100, *lost]))} = {self.score}{floor}"

    @property
    def bars(self) -> list[Bar]:
        """From 100 down to the score: what each factor took away, and at last what is left."""
        if self.score is None:
            return []
        bars, left = [], 100
        for line in self.seen:
            taken = min(left, line.points)
            left -= taken
            bars.append(Bar(line.title, start=left, width=taken))
        return bars

    @property
    def seen(self) -> list[FactorLine]:
        return [line for line in self.factors if line.count]

    @property
    def unseen(self) -> list[FactorLine]:
        return [line for line in self.factors if not line.count]


def score_card(escalation: Escalation, weights: Mapping[Factor, int]) -> ScoreCard:
    """From what the escalation was handed over with; `weights` are those of today, for what was not seen then."""
    found = escalation.packet.get("factors", {})
    return ScoreCard(
        score=escalation.score,
        threshold=escalation.packet.get("threshold"),
        factors=[_line(factor, found.get(factor), weights[factor]) for factor in Factor],
        blockers=[blocker_words(code) for code in escalation.packet.get("blockers", [])],
        explanation=escalation.explanation,
    )


def _line(factor: Factor, finding: dict[str, Any] | None, weight: int) -> FactorLine:
    title = FACTOR_WORDS[factor].capitalize()
    if finding is None:
        return FactorLine(title, 0, weight, [])
    return FactorLine(title, finding["count"], finding["weight"], list(finding["evidence"]))


def blocker_words(code: str) -> str:
    """``asked_for_person`` as a sentence for people."""
    words = BLOCKER_WORDS[Blocker(code)] if code in list(Blocker) else code.replace("_", " ")
    return words[:1].upper() + words[1:]
