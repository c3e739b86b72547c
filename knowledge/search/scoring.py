"""From the scores of both arms to an order, and to how sure it is that a chunk is about the question at all."""

import math
from dataclasses import dataclass

from knowledge.search.candidates import Candidate, Found

LEXICAL_SHARE = 0.3

# Logistic regression on bank and public-service questions, answerable and not: see benchmarks/retrieval.py.
INTERCEPT, COSINE_WEIGHT, COVERAGE_WEIGHT = -4.0, 7.4, 0.8
# In a question of so many terms each should be met; a long letter never meets all of its words.
FULL_COVERAGE_TERMS = 6


@dataclass(frozen=True)
class Scored:
    """`score` orders the candidates of one search (0 to 1); `relevance` can be compared between searches."""

    chunk_id: str
    score: float
    relevance: float


def candidates_score(found: Found, terms: dict[str, float], lexical_share: float = LEXICAL_SHARE) -> list[Scored]:
    """Best first. Scores are min-max normalised over the candidates and mixed: distances count, not ranks."""
    if not found.candidates:
        return []
    cosines = [candidate.cosine for candidate in found.candidates]
    lowest, spread = min(cosines), max(cosines) - min(cosines)
    highest = max(candidate.bm25 for candidate in found.candidates)
    scored = []
    for candidate in found.candidates:
        dense = (candidate.cosine - lowest) / spread if spread else 1.0
        lexical = candidate.bm25 / highest if highest else 0.0
        score = (1 - lexical_share) * dense + lexical_share * lexical
        scored.append(Scored(candidate.chunk_id, score, relevance(candidate, found, terms)))
    return sorted(scored, key=lambda one: (-one.score, one.chunk_id))


def relevance(candidate: Candidate, found: Found, terms: dict[str, float]) -> float:
    """The share of questions at which such a chunk answers, roughly: 0 to 1.

    Cosine tells most; the covered share of the question's rare terms corrects it, the more the shorter the question.
    """
    evidence = COSINE_WEIGHT * candidate.cosine + COVERAGE_WEIGHT * coverage(candidate, found, terms)
    return 1 / (1 + math.exp(-(INTERCEPT + evidence)))


def coverage(candidate: Candidate, found: Found, terms: dict[str, float]) -> float:
    """The share of the question's terms that the chunk holds, rare ones counting more; less in a long question."""
    weights = {term: weight * found.rarity.get(term, found.unseen) for term, weight in terms.items()}
    total = sum(weights.values())
    shortness = min(1.0, FULL_COVERAGE_TERMS / max(1, len(terms)))
    return shortness * sum(weights[term] for term in candidate.terms) / total if total else 0.0
