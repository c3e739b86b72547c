"""How well the passages found answer what was asked: from 0 (nothing bears on it) to 1."""

import math
from collections.abc import Sequence

from agents.providers.local.dossier import Found
from agents.providers.local.wanted import answers_kind
from agents.words import content_words

# The knowledge base's relevance tells most; how much of the question's wording is met corrects it. Measured on bank and
# public-service questions, answerable and not: see benchmarks/assessment.py.
RELEVANCE_WEIGHT, COVERAGE_WEIGHT, INTERCEPT = 1.0, 1.0, -0.65
WRONG_KIND_SHARE = 0.6  # of the support that is left when the passages lack what was asked for: a price, a time
READ = 3  # passages


def support_of(ask: str, passages: Sequence[Found], *, complaint: bool = False) -> float:
    """Support for one ask by the passages found for it.

    Of a complaint the passages need only know the matter: most of its words are about what the customer feels.
    """
    if not passages:
        return 0.0
    read = sorted(passages, key=lambda found: -found.relevance)[:READ]
    asked = content_words(ask)
    known = set().union(*(content_words(f"{found.title} {found.heading} {found.text}") for found in read))
    coverage = 1.0 if complaint else len(asked & known) / len(asked) if asked else 0.5
    support = _squash(RELEVANCE_WEIGHT * _logit(read[0].relevance) + COVERAGE_WEIGHT * coverage + INTERCEPT)
    told = "\n".join(found.text for found in read)
    wrong_kind = not complaint and answers_kind(ask, told) is False
    return support * (WRONG_KIND_SHARE if wrong_kind else 1.0)


def _logit(probability: float) -> float:
    bounded = min(0.99, max(0.01, probability))
    return math.log(bounded / (1 - bounded))


def _squash(value: float) -> float:
    return 1 / (1 + math.exp(-value))
