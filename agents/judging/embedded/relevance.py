"""Relevance: whether the text takes up what was asked.

For each thing the customer asks: how like it is the sentence of the text that comes closest, and how many of its words
the text has, or the titles of what it cites. Who only says that it does not know has not answered.
"""

import numpy as np

from agents.guard.units import plain_text, units_split
from agents.judging.claims import claims_of, says_not_known
from agents.judging.grading import mark_make
from agents.judging.types import JudgeCase, Mark
from agents.judging.withholding import WITHHELD
from agents.providers.local.text import Sentence, sentences_of
from agents.providers.local.vectors import memory
from agents.words import content_words, words_in

MAX_ASKS = 5
NOTHING_FROM, ALL_FROM = 0.2, 0.6  # likeness below which a text is about something else, and from which it answers
MEANT_WEIGHT = 0.6  # the rest are words
THREAD_WEIGHT = 0.3  # of what was said before, for a question that leans on it
NOT_KNOWN = 0.25  # at most, of a text that states nothing but that
COURTESY = 1.0


def relevance_mark(case: JudgeCase) -> Mark:
    """The mean over everything that was asked."""
    asks = _asks(case.question)
    if not asks:
        return _courtesy_mark(case)
    scores = {ask: _answered(ask, case) for ask in asks}
    score = sum(scores.values()) / len(scores)
    if case.kind != "question" and not claims_of(case) and says_not_known(case.reply):
        return mark_make(min(score, NOT_KNOWN), "It says that this is not known, which answers nothing.")
    return mark_make(score, _reason(scores))


def _courtesy_mark(case: JudgeCase) -> Mark:
    if claims_of(case):
        return mark_make(0.5, "The customer asked nothing, and the text states something all the same.")
    return mark_make(COURTESY, "The customer asked nothing; the text is a courtesy too.")


def _asks(question: str) -> list[str]:
    """What the customer wants: questions and requests, else all that is no courtesy."""
    sentences = sentences_of(question)
    wanted = [sentence for sentence in sentences if sentence.wants_something] or [*filter(_says_something, sentences)]
    return list(dict.fromkeys(sentence.text for sentence in wanted))[:MAX_ASKS]


def _says_something(sentence: Sentence) -> bool:
    return sentence.kind != "courtesy"


def _answered(ask: str, case: JudgeCase) -> float:
    plain = (plain_text(unit) for unit in units_split(case.reply.replace(WITHHELD, "") + "\n"))
    units = [unit for unit in plain if words_in(unit)]
    if not units:
        return 0.0
    told = memory.embed([*units, " ".join(units)])
    meant = float(np.max(told @ _meaning(ask, case)))
    wanted = content_words(ask)
    known = content_words("\n".join((*units, *(entry.title for entry in case.evidence))))
    covered = len(wanted & known) / len(wanted) if wanted else max(meant, 0.0)
    likeness = MEANT_WEIGHT * max(meant, 0.0) + (1 - MEANT_WEIGHT) * covered
    return min(1.0, max(0.0, (likeness - NOTHING_FROM) / (ALL_FROM - NOTHING_FROM)))


def _meaning(ask: str, case: JudgeCase) -> np.ndarray:
    """The vector of a question; what the customer said before weighs less."""
    earlier = [turn.text for turn in case.history if turn.author == "customer"][-2:]
    vector = memory.embed([ask])[0]
    if earlier:
        vector = (1 - THREAD_WEIGHT) * vector + THREAD_WEIGHT * memory.embed([" ".join([*earlier, ask])])[0]
    return np.asarray(vector / np.linalg.norm(vector))


def _reason(scores: dict[str, float]) -> str:
    missed = [ask for ask, score in scores.items() if score < 0.5]
    asked = "what was asked" if len(scores) == 1 else f"{len(scores) - len(missed)} of {len(scores)} things asked"
    if not missed:
        return f"The text takes up {asked}."
    named = "; ".join(f"“{ask[:120]}”" for ask in missed[:2])
    return f"The text does not take up {named}." if len(scores) == 1 else f"It takes up {asked}, but not {named}."
