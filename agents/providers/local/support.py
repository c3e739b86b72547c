"""How well the passages found answer what was asked: from 0 (nothing bears on it) to 1."""

import math
import re
from collections.abc import Sequence

from agents.providers.local.dossier import Found
from agents.words import content_words

# The knowledge base's relevance tells most; how much of the question's wording is met corrects it. Measured on bank and
# public-service questions, answerable and not: see benchmarks/assessment.py.
RELEVANCE_WEIGHT, COVERAGE_WEIGHT, INTERCEPT = 1.0, 1.0, -0.65
WRONG_KIND_SHARE = 0.6  # of the support that is left when the passages lack what was asked for: a price, a time
READ = 3  # passages

_EXPECTATIONS = (
    (
        re.compile(r"\bhow much\b|\b(?:price|cost|costs|fee|fees|charge)\b.*\?|what.*\b(?:price|cost|fee)s?\b", re.IGNORECASE),
        re.compile(r"[$€£¥]|\b\d|\bfree\b|\bno (?:\w+ )?(?:fee|charge|cost)|\b(?:cost|price|fee)s?\b", re.IGNORECASE),
    ),
    (
        re.compile(r"\bhow (?:long|soon|quickly|fast|many (?:days|hours|weeks|months|minutes))\b", re.IGNORECASE),
        re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|ten|twelve|same|next|few|several|until|immediately|instantly|at "
                   r"once|days?|hours?|weeks?|months?|years?|minutes?)\b", re.IGNORECASE),
    ),
)  # fmt: skip


def support_of(ask: str, passages: Sequence[Found]) -> float:
    """Support for one ask by the passages found for it, best first."""
    if not passages:
        return 0.0
    read = sorted(passages, key=lambda found: -found.relevance)[:READ]
    asked = content_words(ask)
    known = set().union(*(content_words(f"{found.title} {found.heading} {found.text}") for found in read))
    coverage = len(asked & known) / len(asked) if asked else 0.5
    support = _squash(RELEVANCE_WEIGHT * _logit(read[0].relevance) + COVERAGE_WEIGHT * coverage + INTERCEPT)
    return support * (1.0 if _kind_is_there(ask, read) else WRONG_KIND_SHARE)


def _kind_is_there(ask: str, passages: Sequence[Found]) -> bool:
    told = "\n".join(found.text for found in passages)
    return all(bool(given.search(told)) for wanted, given in _EXPECTATIONS if wanted.search(ask))


def _logit(probability: float) -> float:
    bounded = min(0.99, max(0.01, probability))
    return math.log(bounded / (1 - bounded))


def _squash(value: float) -> float:
    return 1 / (1 + math.exp(-value))
