"""Deeds that a summary reports: somebody of the company must have said that they were done."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from agents.words import sentences_in, stem, words_in

# What changes something for the customer, by the stem that says so in the summary and those that bear it out.
_DEEDS = tuple(
    frozenset(line.split())
    for line in (
        "refund reimburs repaid credit erstatt",
        "pay paid zahl bezahlt",
        "cancel cancell terminat storn kündig",
        "waiv remov revers drop erlass",
        "approv accept grant authoris author genehmig",
        "replac exchang ersetz",
        "unlock unblock reactiv restor entsperr",
        "block lock freez frozen gesperr",
        "resolv fix solv repair settl gelös behob",
        "ship dispatch sent send deliv versand",
        "compens discount voucher",
        "upgrad downgrad",
    )
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|can't|won't|unable|unfortunately|refus\w*|declin\w*|reject\w*|den(?:y|ied|ies)|without|"
    r"nobody|nothing|isn't|wasn't|hasn't|haven't|didn't|doesn't|couldn't|wouldn't|still to|yet to|"
    r"nicht|kein\w*|leider)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,;:–—]|\b(?:and|but|because|so|while|und|aber|weil)\b", re.IGNORECASE)
# Not done yet, or not known to be: wishes, plans, conditions.
_UNREAL = re.compile(
    r"\b(?:will|would|shall|should|could|can|may|might|must|if|want\w*|ask\w*|request\w*|wish\w*|need\w*|"
    r"going to|to be|plan\w*|promis\w*|pending|wird|werden|würde|soll\w*|kann|können|wenn|möchte\w*)\b",
    re.IGNORECASE,
)
_CREDIT_NOUN = re.compile(r"\bcredit (?:cards?|limits?|scores?|lines?|history|reports?|bureaus?)\b", re.IGNORECASE)
_FINISHED = ("ed", "iert", "attet", "ndet", "perrt", "setzt", "oben", "assen", "migt")
_IRREGULAR = frozenset({"sent", "paid", "repaid", "frozen", "gelöst"})


def outcomes_unborne(statement: str, company_said: Iterable[str]) -> list[str]:
    """The words of deeds that `statement` reports as done while no sentence of `company_said` says so."""
    told = frozenset().union(*map(_deeds_done, company_said))
    return [word for word, deeds in _done_words(statement) if deeds not in told]


@lru_cache(maxsize=2_000)
def _deeds_done(text: str) -> frozenset[frozenset[str]]:
    return frozenset(deeds for _, deeds in _done_words(text, lenient=True))


def _done_words(text: str, *, lenient: bool = False) -> Iterator[tuple[str, frozenset[str]]]:
    """The words of deeds in `text` that are told as done, clause by clause. `lenient` also counts other forms of the
    word: the company may well write "we refund the fee today"."""
    for sentence in sentences_in(text):
        clauses = [] if sentence.rstrip(' "”’)').endswith("?") else _CLAUSES.split(sentence)
        for clause in clauses:
            clause = _CREDIT_NOUN.sub(" ", clause)
            if not (_NEGATION.search(clause) or _UNREAL.search(clause)):
                words = words_in(clause)
                yield from ((word, deeds) for word in words for deeds in _DEEDS if _is_deed(word, deeds, lenient))


def _is_deed(word: str, deeds: frozenset[str], lenient: bool) -> bool:
    if not (lenient or word.endswith(_FINISHED) or word in _IRREGULAR):
        return False
    return stem(word) in deeds or any(len(one) > 4 and word.startswith(one) for one in deeds)
