"""Score and gate: the decision, outside the model."""

from collections.abc import Sequence
from dataclasses import replace

from agents.assessment import Assessment
from agents.factors import factors_weigh
from agents.gate import SUPPORT_FLOOR, gate_decide
from agents.loop.gathering import MAX_MESSAGE_CHARS
from agents.loop.thinking import Judged, Thinking
from agents.types import Autonomy, Blocker, Factor
from agents.vectors import Vector, signals_of


def judge(thinking: Thinking, assessment: Assessment) -> Judged:
    """Factors, score and decision."""
    request, settings = thinking.request, thinking.policy_for(assessment.category)
    factors = factors_weigh(_counts(assessment), settings.weights, request.inapplicable_factors)
    vector = Vector(
        counts={factor: finding.count for factor, finding in factors.items()},
        support=assessment.support,
        blockers=_blockers(thinking, assessment),
        clarifiable=assessment.underspecified and request.may_clarify,
        unheard=bool(request.unsure) and request.may_clarify,
        needs_support=not assessment.smalltalk,
    )
    signals, policy = signals_of(vector, settings.weights), settings.policy
    verdict = gate_decide(signals, policy)
    in_shadow = policy.autonomy is Autonomy.SHADOW
    alone = gate_decide(signals, replace(policy, autonomy=Autonomy.AUTO)).decision if in_shadow else None
    with thinking.recorder.step("gate", verdict.decision) as note:
        note.output = {"score": signals.score, "threshold": policy.threshold, "reasons": verdict.reasons}
        note.output |= {"alone": alone} if alone else {}
    return Judged(verdict, signals.score, policy, factors, vector, shadow=alone)


def _counts(assessment: Assessment) -> dict[Factor, tuple[int, Sequence[str]]]:
    """The model's counts; what has no support is counted as no knowledge even if the model did not say so.

    Not of an account's matter: that documents do not tell it is no gap in them.
    """
    counts: dict[Factor, tuple[int, Sequence[str]]] = dict(assessment.counts)
    unclear = assessment.underspecified or counts[Factor.UNCLEAR_INFO][0] > 0
    asks_nothing = bool(assessment.smalltalk) or Blocker.ASKED_FOR_PERSON in assessment.flags
    if (
        not (unclear or asks_nothing or assessment.account_matter)
        and assessment.support < SUPPORT_FLOOR
        and not counts[Factor.NO_KNOWLEDGE][0]
    ):
        counts[Factor.NO_KNOWLEDGE] = (1, ("no passage answers it",))
    return counts


def _blockers(thinking: Thinking, assessment: Assessment) -> frozenset[Blocker]:
    request, languages = thinking.request, thinking.provider.capabilities.languages
    found = {*request.blockers, *assessment.flags, *thinking.screened.blockers}
    if assessment.account_matter and not request.sender_verified:
        found.add(Blocker.UNVERIFIED_ACCOUNT_MATTER)
    elif assessment.account_matter and assessment.support < SUPPORT_FLOOR:
        found.add(Blocker.ACCOUNT_MATTER)
    if languages is not None and assessment.language not in languages:
        found.add(Blocker.LANGUAGE_UNSUPPORTED)
    if len(request.message) > MAX_MESSAGE_CHARS:
        found.add(Blocker.LIMIT_REACHED)
    if thinking.wishes and not found:
        found.add(Blocker.AGENT_ESCALATED)
    if request.cancelled():
        found.add(Blocker.HUMAN_TOOK_OVER)
    return frozenset(found)
