"""Which of the passages found belong to which ask, and what the customer goes on about."""

import re

from agents.providers.local.asks import Ask
from agents.providers.local.dossier import Dossier, Found
from agents.providers.local.leaning import leans_back
from agents.providers.local.questions import Told, told_best
from agents.providers.local.staff import for_customers
from agents.providers.local.support import support_of
from agents.providers.local.text import matter_of

MAX_TURN_CHARS = 800
MAX_NAMES = 4
DOCUMENTED = 0.5  # of support
_BOLD_LEAD = re.compile(r"^(?:[-*] )?\*\*([^*\n]{2,80}?):?\*\*", re.MULTILINE)
_BOLD_HEAD = re.compile(r"^\*\*([^*\n]{2,80}?):?\*\*", re.MULTILINE)


def passages_for(dossier: Dossier, ask: Ask) -> list[Found]:
    """What customers may read of what was found for `ask`: by its own search when it has one and stands alone."""
    own = [search for search in dossier.searches if search.query == ask.text]
    alone = own and not (leans_back(ask.text) and context_of(dossier))
    return for_customers(list(own[0].passages) if alone else dossier.passages)


def told_of(dossier: Dossier) -> Told | None:
    """The answer of a tool to pass on, unless the documents know better than one that did not understand."""
    told = told_best(dossier.told)
    if told is None or told.understood:
        return told
    return None if support_of(dossier.message, for_customers(dossier.passages)) >= DOCUMENTED else told


def context_of(dossier: Dossier) -> list[str]:
    """The customer's earlier turns, when this message leans on them. One that stands alone is asked for itself."""
    matter = " ".join(sentence.text for sentence in matter_of(dossier.message))
    if not leans_back(matter):
        return []
    earlier = [" ".join(s.text for s in matter_of(turn))[:MAX_TURN_CHARS] for turn in dossier.customer_turns[-2:]]
    return [turn for turn in earlier if turn]


def names_mentioned(answer: str) -> list[str]:
    """What an answer of ours named in bold: the things "it" and "they" may stand for."""
    names = _BOLD_HEAD.findall(answer) or _BOLD_LEAD.findall(answer)
    return list(dict.fromkeys(names))[:MAX_NAMES]
