"""Six factors and the score that follows from them, outside any model: 100 - Σ weight x count, never below 0.

The words that explain a score to people are made here too.
"""

from collections.abc import Iterable, Mapping, Sequence

from agents.types import Blocker, Decision, Factor, FactorFinding

DEFAULT_WEIGHTS: Mapping[Factor, int] = {
    Factor.NO_KNOWLEDGE: 100,
    Factor.UNCLEAR_INFO: 85,
    Factor.PREMIUM_COMPLAINTS: 50,
    Factor.ANGRY_FRUSTRATED_TONE: 30,
    Factor.URGENCY: 15,
    Factor.MULTIPLE_TOPICS: 10,
}
FACTOR_WORDS: Mapping[Factor, str] = {
    Factor.NO_KNOWLEDGE: "no knowledge about the question",
    Factor.UNCLEAR_INFO: "unclear information",
    Factor.PREMIUM_COMPLAINTS: "premium complaints",
    Factor.ANGRY_FRUSTRATED_TONE: "angry/frustrated tone",
    Factor.URGENCY: "urgency",
    Factor.MULTIPLE_TOPICS: "multiple topics",
}
BLOCKER_WORDS: Mapping[Blocker, str] = {
    Blocker.ASKED_FOR_PERSON: "the customer asked for a person",
    Blocker.UNVERIFIED_ACCOUNT_MATTER: "the matter concerns an account and the sender is not verified",
    Blocker.ACCOUNT_MATTER: "only a look into the customer's account, or a change to it, settles the matter",
    Blocker.SAFETY: "the message needs a person's care (threat, abuse or danger)",
    Blocker.INJECTION: "the message tries to instruct the system",
    Blocker.DOUBTFUL_TRANSCRIPT: "the transcript is doubtful",
    Blocker.BUDGET_EXHAUSTED: "the budget is exhausted",
    Blocker.OUTPUT_INVALID: "the reply could not be verified",
    Blocker.TOOL_FAILED: "a tool failed",
    Blocker.LIMIT_REACHED: "a limit was reached",
    Blocker.HUMAN_TOOK_OVER: "a person took over",
    Blocker.DRAFTS_ONLY: "only drafts are allowed here",
    Blocker.PEOPLE_ONLY: "only people answer at the moment",
    Blocker.SHADOW: "the assistant only works in the shadow here",
    Blocker.AGENT_ESCALATED: "the agent asked for a person's help",
    Blocker.LANGUAGE_UNSUPPORTED: "the message is in a language the engine does not read",
}


def factors_weigh(
    counts: Mapping[Factor, tuple[int, Sequence[str]]],
    weights: Mapping[Factor, int],
    inapplicable: Iterable[Factor] = (),
) -> dict[Factor, FactorFinding]:
    """The findings that count: those seen at least once, without the inapplicable, in the order of their definition."""
    skipped = set(inapplicable)
    return {
        factor: FactorFinding(counts[factor][0], weights[factor], tuple(counts[factor][1]))
        for factor in Factor
        if factor in counts and counts[factor][0] > 0 and factor not in skipped
    }


def score_compute(factors: Mapping[Factor, FactorFinding], leave_out: Iterable[Factor] = ()) -> int:
    """0 to 100. `leave_out` gives the score as if these factors had not been seen."""
    skipped = set(leave_out)
    return max(0, 100 - sum(f.weight * f.count for factor, f in factors.items() if factor not in skipped))


def explanation_write(
    decision: Decision, score: int, factors: Mapping[Factor, FactorFinding], blockers: Sequence[Blocker]
) -> str:
    """One or two sentences that tell a person why the message went where it went."""
    because = [f"{FACTOR_WORDS[factor]} (-{f.weight * f.count})" for factor, f in factors.items() if f.weight]
    reasons = [f"because of {_join(because)}"] if because else []
    reasons += [f"because {_join([BLOCKER_WORDS[blocker] for blocker in blockers])}"] if blockers else []
    return f"{_opening(decision, _join(reasons))}. The confidence score is {score}."


def _opening(decision: Decision, reasons: str) -> str:
    match decision:
        case Decision.AUTO_SEND:
            spite = reasons.replace("because of", "in spite of")
            return f"Answered automatically {spite}" if reasons else "Answered automatically"
        case Decision.CLARIFY:
            return f"Asked the customer back {reasons}".strip()
    return f"Routed to a consultant {reasons}".strip()


def _join(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
