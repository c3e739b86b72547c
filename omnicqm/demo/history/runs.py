"""The runs of the invented history: what the gate saw, so that a threshold can be tried out on them.

They stand under a scope of their own, so that nobody takes them for runs on messages.
"""

import random
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from agents.factors import DEFAULT_WEIGHTS
from agents.models import Run
from agents.types import Blocker, Decision, Factor
from agents.vectors import Vector, signals_of, vector_store
from analytics.models import QueryFact

SCOPE = "demo_history"
_SENT: tuple[tuple[int, dict[Factor, int]], ...] = (
    (72, {}),
    (14, {Factor.URGENCY: 1}),
    (9, {Factor.MULTIPLE_TOPICS: 1}),
    (5, {Factor.MULTIPLE_TOPICS: 2}),
)
_COUNTS = {  # what was seen where the reason is a factor
    "no_knowledge": {Factor.NO_KNOWLEDGE: 1},
    "unclear_info": {Factor.UNCLEAR_INFO: 1},
    "premium_complaints": {Factor.PREMIUM_COMPLAINTS: 1, Factor.ANGRY_FRUSTRATED_TONE: 1},
    "angry_frustrated_tone": {Factor.ANGRY_FRUSTRATED_TONE: 1},
    "urgency": {Factor.URGENCY: 2},
    "multiple_topics": {Factor.MULTIPLE_TOPICS: 3},
}
_BLOCKERS = {"account_matter", "asked_for_person", "unverified_account_matter"}


def runs_invent(queries: Iterable[QueryFact], chance: random.Random) -> Iterator[Run]:
    """A run for every query, decided as the query tells."""
    return (_run(query, chance) for query in queries)


def runs_invented() -> QuerySet[Run]:
    return Run.objects.filter(scope=SCOPE)


def _run(query: QueryFact, chance: random.Random) -> Run:
    vector = _vector(query, chance)
    score = 0 if query.run_failed else signals_of(vector, DEFAULT_WEIGHTS).score
    return Run(
        id=query.run_id,
        scope=SCOPE,
        state=Run.State.FAILED if query.run_failed else Run.State.FINISHED,
        decision=query.decision,
        reasons=[query.reason] if query.reason else [],
        blockers=sorted(vector.blockers),
        score=score,
        threshold=80,
        factors={
            factor.value: {"count": count, "weight": DEFAULT_WEIGHTS[factor], "evidence": []}
            for factor, count in vector.counts.items()
        },
        vector=vector_store(vector),
        category=query.category,
        support=round(vector.support, 3),
        model_used=query.model,
        prompt_version=query.prompt_version,
        input_tokens=query.input_tokens,
        output_tokens=query.output_tokens,
        cost_usd=query.cost_usd,
        latency_ms=query.run_ms,
        started_at=query.at,
        finished_at=query.at,
    )


def _vector(query: QueryFact, chance: random.Random) -> Vector:
    high, low = chance.uniform(0.55, 0.98), chance.uniform(0.05, 0.45)
    if query.run_failed:
        return Vector(blockers=frozenset({Blocker.OUTPUT_INVALID}))
    match query.decision:
        case Decision.CLARIFY:
            return Vector(counts={Factor.UNCLEAR_INFO: 1}, support=low, clarifiable=True)
        case Decision.AUTO_SEND:
            [counts] = chance.choices([counts for _, counts in _SENT], weights=[weight for weight, _ in _SENT])
            return Vector(counts=counts, support=high)
    if query.reason in _BLOCKERS:
        return Vector(support=low, blockers=frozenset({Blocker(query.reason)}))
    counts = _COUNTS.get(query.reason, {})
    return Vector(counts=counts, support=low if not counts or Factor.NO_KNOWLEDGE in counts else high)
