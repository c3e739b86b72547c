"""The gate: may this reply go out alone? A pure function, so that the answer can be proven and repeated.

Everything that is not clearly allowed goes to a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.types import Autonomy, Blocker, Decision

DEFAULT_THRESHOLD = 80
SUPPORT_FLOOR = 0.5
# What a message is said to be about is no reason for a person while nobody knows what was said.
_MAY_BE_MISHEARD = {
    Blocker.DOUBTFUL_TRANSCRIPT,
    Blocker.UNVERIFIED_ACCOUNT_MATTER,
    Blocker.ACCOUNT_MATTER,
    Blocker.AGENT_ESCALATED,
    Blocker.LANGUAGE_UNSUPPORTED,
}


@dataclass(frozen=True)
class Policy:
    """What category and channel together allow: the stricter of both."""

    threshold: int = DEFAULT_THRESHOLD
    autonomy: Autonomy = Autonomy.AUTO


@dataclass(frozen=True)
class Signals:
    """What the gate judges.

    `score_if_clear` is the score without the factors that a question back would settle. `clarifiable` says that one
    question back would help and may be asked, `unheard` that one may be asked for words that were not heard surely.
    `needs_support` is False only for courtesies that state nothing.
    """

    score: int
    score_if_clear: int
    support: float
    blockers: frozenset[Blocker]
    clarifiable: bool = False
    unheard: bool = False
    needs_support: bool = True


@dataclass(frozen=True)
class Verdict:
    decision: Decision
    reasons: tuple[str, ...]
    blockers: tuple[Blocker, ...]


def gate_decide(signals: Signals, policy: Policy) -> Verdict:
    """The decision, its reasons as stable codes, and all blockers in the order of their definition."""
    blockers = _blockers(signals.blockers, policy)
    if signals.unheard and Blocker.DOUBTFUL_TRANSCRIPT in blockers and _MAY_BE_MISHEARD.issuperset(blockers):
        return Verdict(Decision.CLARIFY, (Blocker.DOUBTFUL_TRANSCRIPT.value,), ())
    if blockers:
        return Verdict(Decision.ESCALATE, tuple(blocker.value for blocker in blockers), blockers)
    if signals.clarifiable and signals.score_if_clear >= policy.threshold:
        return Verdict(Decision.CLARIFY, ("underspecified",), ())
    against = _against(signals, policy)
    if against:
        return Verdict(Decision.ESCALATE, against, ())
    return Verdict(Decision.AUTO_SEND, ("supported" if signals.needs_support else "courtesy",), ())


def _blockers(found: Iterable[Blocker], policy: Policy) -> tuple[Blocker, ...]:
    everything = set(found)
    if policy.autonomy is not Autonomy.AUTO:
        everything.add(Blocker.SHADOW if policy.autonomy is Autonomy.SHADOW else Blocker.DRAFTS_ONLY)
    return tuple(blocker for blocker in Blocker if blocker in everything)


def _against(signals: Signals, policy: Policy) -> tuple[str, ...]:
    against = []
    if signals.score < policy.threshold:
        against.append("score_below_threshold")
    if signals.needs_support and not signals.support >= SUPPORT_FLOOR:  # written so that NaN fails
        against.append("no_support")
    return tuple(against)
