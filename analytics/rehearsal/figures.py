"""What a history would have come to under a threshold and weights: the gate decides each run again, as it did then.

α is as the catalogue defines it, over the same cases: resolved is one whose last run is answered alone, of which no run
goes to people, in which no consultant wrote of their own accord, and whose customer neither reopened it nor came back.
Of a reply that would be sent now and was not then, a wrong one resolves nothing; what its customer would have said
beside that nobody knows. Wrong sends are counted over the sent replies of which somebody has said whether they were
right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.gate import Policy, Signals, gate_decide
from agents.types import Decision, Factor
from agents.vectors import signals_of
from analytics.evaluation.statistics import Estimate, share
from analytics.rehearsal.history import History, RunKind

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """What is tried: a threshold (0 to 100) and a weight for every factor."""

    threshold: int
    weights: Mapping[Factor, int]


@dataclass(frozen=True)
class Figures:
    """Counts of runs and cases. `fresh` are replies sent that were not sent then; `fresh_unknown` of them nobody has
    said whether they were right."""

    cases: int
    resolved: int
    runs: int
    sent: int
    asked: int
    escalated: int
    known: int
    wrong: int
    fresh: int
    fresh_unknown: int
    days: float

    @property
    def alpha(self) -> Estimate:
        return share(self.resolved, self.cases)

    @property
    def wrong_rate(self) -> Estimate:
        return share(self.wrong, self.known)

    @property
    def sent_share(self) -> Estimate:
        return share(self.sent, self.runs)

    @property
    def queue_a_day(self) -> float:
        return self.escalated / self.days


def rehearse(history: History, score: Score) -> Figures:
    """As if `score` had held, on every channel as far as it allows, with the category on auto."""
    return _count(history, decisions(history, score))


def as_it_was(history: History) -> Figures:
    """What really happened, counted the same way."""
    return _count(history, [_really(kind) for kind in history.kinds])


def decisions(history: History, score: Score) -> list[Decision]:
    """For each kind of run what becomes of it."""
    return [_decide(kind, score) for kind in history.kinds]


def curve(history: History, score: Score, thresholds: Sequence[int]) -> list[Figures]:
    """The figures at each of `thresholds`, with the weights of `score`."""
    signals = [signals_of(kind.vector, score.weights) if kind.vector else None for kind in history.kinds]
    return [
        _count(history, [_of_signals(kind, seen, at) for kind, seen in zip(history.kinds, signals, strict=True)])
        for at in thresholds
    ]


def _decide(kind: RunKind, score: Score) -> Decision:
    signals = signals_of(kind.vector, score.weights) if kind.vector else None
    return _of_signals(kind, signals, score.threshold)


def _of_signals(kind: RunKind, signals: Signals | None, threshold: int) -> Decision:
    if signals is None or not kind.is_own or kind.held:
        return _really(kind)
    return gate_decide(signals, Policy(max(threshold, kind.floor), kind.limit)).decision


def _really(kind: RunKind) -> Decision:
    return Decision.ESCALATE if kind.held else kind.decision


def _count(history: History, decided: Sequence[Decision]) -> Figures:
    kinds, times = history.kinds, history.times
    fresh = np.array([_is_fresh(kind, now) for kind, now in zip(kinds, decided, strict=True)], dtype=bool)
    wrong = np.array([kind.reply == "wrong" for kind in kinds], dtype=bool)
    unknown = np.array([kind.reply == "unknown" for kind in kinds], dtype=bool)
    sent, asked, escalated = (
        np.array([now is decision for now in decided], dtype=bool)
        for decision in (Decision.AUTO_SEND, Decision.CLARIFY, Decision.ESCALATE)
    )
    return Figures(
        cases=history.cases,
        resolved=_resolved(history, sent, spoilt=escalated | (fresh & wrong)),
        runs=int(times.sum()),
        sent=int(times[sent].sum()),
        asked=int(times[asked].sum()),
        escalated=int(times[escalated].sum()),
        known=int(times[sent & ~unknown].sum()),
        wrong=int(times[sent & wrong].sum()),
        fresh=int(times[fresh].sum()),
        fresh_unknown=int(times[fresh & unknown].sum()),
        days=history.days,
    )


def _resolved(history: History, sent: Flags, *, spoilt: Flags) -> int:
    """Cases whose last run is sent and of which no run spoils it; what fills a row up does neither."""
    if not history.counts.size:
        return 0
    last_is_sent = np.append(sent, False)[history.runs[:, -1]]
    is_spoilt = np.append(spoilt, False)[history.runs].any(axis=1)
    return int(history.counts[last_is_sent & ~is_spoilt].sum())


def _is_fresh(kind: RunKind, now: Decision) -> bool:
    return now is Decision.AUTO_SEND and _really(kind) is not Decision.AUTO_SEND
