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

_PRICE_WANTED = re.compile(
    r"\bhow much (?:is|are|does|do|will|would)\b|\bwhat (?:is|are|does|do|would|will)\b.*\b(?:price|cost|fee)s?\b|"
    r"\b(?:price|cost|fee)s?\?|\bexpensive\b",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"[$€£¥]|\bUSD|\bEUR|\b\d+ ?%|\bfree\b|\bno (?:\w+ )?(?:fee|charge|cost)|\bwithout charge", re.IGNORECASE
)
_TIME_WANTED = re.compile(r"\bhow (?:long|soon|quickly|fast|many (?:days|hours|weeks|months|minutes))\b", re.IGNORECASE)
_TIME = re.compile(
    r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few|several)(?: (?:full|working|business|"
    r"calendar))? (?:minute|hour|day|night|week|month|year)s?\b|\b(?:the )?(?:same|next)(?: working)? day\b|"
    r"\bimmediately\b|\bat once\b|\binstantly\b|\blifetime\b|\bforever\b",
    re.IGNORECASE,
)
_EXPECTATIONS = ((_PRICE_WANTED, _PRICE), (_TIME_WANTED, _TIME))


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


def answers_kind(ask: str, told: str) -> bool | None:
    """Whether `told` holds the kind of thing `ask` wants to know, a price or a time; None when it wants neither."""
    wanted = [given for wants, given in _EXPECTATIONS if wants.search(ask)]
    return all(given.search(told) for given in wanted) if wanted else None


def kinds_told(ask: str, told: str) -> int:
    """How many prices or times, whichever `ask` wants to know, stand in `told`."""
    return sum(len(given.findall(told)) for wants, given in _EXPECTATIONS if wants.search(ask))


def _logit(probability: float) -> float:
    bounded = min(0.99, max(0.01, probability))
    return math.log(bounded / (1 - bounded))


def _squash(value: float) -> float:
    return 1 / (1 + math.exp(-value))
