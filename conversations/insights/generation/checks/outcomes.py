"""Deeds that a summary reports: somebody of the company must have said that they were done."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from agents.words import sentences_in, stem, word_list, words_in

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
        "open file creat log record regist submit rais start eröffnet",
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
# "credit" is a deed only as a verb.
_NOUNS = re.compile(r"\b(?:provisional |full |partial )?credit(?! (?:you|him|her|them|your|the|it)\b)\b", re.IGNORECASE)
_FINISHED = ("ed", "iert", "attet", "ndet", "perrt", "setzt", "oben", "assen", "migt")
_IRREGULAR = frozenset({"sent", "paid", "repaid", "frozen", "gelöst"})
_DOERS = frozenset({"we", "i", "they", "wir", "ich"})
_PASSIVE = re.compile(r"\b(?:was|were|been)\s+(?:\w+ly\s+)?(?P<word>[a-z]+ed|sent|paid|given|made)\b", re.IGNORECASE)

_SPOKEN = frozenset(map(stem, word_list(Path(__file__).parent.parent / "data" / "spoken.txt")))

Deed = frozenset[str]  # the stems that tell of it


def outcomes_unborne(statement: str, company_said: Iterable[str]) -> list[str]:
    """The words of deeds that `statement` reports as done while no sentence of `company_said` says so.

    Of deeds not listed here only passive ones are seen ("was hired"), and what a summary says of speaking is none.
    """
    told = frozenset().union(*map(_deeds_told, company_said))
    return [word for word, deed in _deeds_claimed(statement) if deed not in told and not deed & _SPOKEN]


def _deeds_claimed(statement: str) -> Iterator[tuple[str, Deed]]:
    for clause in _real_clauses(statement):
        listed = [(word, deed) for word in words_in(clause) if _is_finished(word) for deed in _listed(word)]
        passive = {match["word"].lower() for match in _PASSIVE.finditer(clause)} - {word for word, _ in listed}
        yield from (*listed, *((word, frozenset({stem(word)})) for word in passive))


@lru_cache(maxsize=2_000)
def _deeds_told(text: str) -> frozenset[Deed]:
    """The deeds that `text` tells of: done, done by us ("we refund you"), or a task on record ("Close account")."""
    told: set[Deed] = set()
    for clause in _real_clauses(text):
        words = words_in(clause)
        has_passive = _PASSIVE.search(clause) is not None  # "your refund has been issued"
        for place, word in enumerate(words):
            before = words[max(0, place - 2) : place]
            done = place == 0 or _is_finished(word) or has_passive or bool(_DOERS & set(before))
            if done and before[-1:] != ["to"]:
                told |= {*_listed(word), frozenset({stem(word)})}
    return frozenset(told)


def _real_clauses(text: str) -> Iterator[str]:
    """The clauses that say that something is so: no questions, wishes, plans, conditions and negations."""
    for sentence in sentences_in(text):
        if not sentence.rstrip(' "”’)').endswith("?"):
            clauses = (_NOUNS.sub(" ", clause) for clause in _CLAUSES.split(sentence))
            yield from (clause for clause in clauses if not (_NEGATION.search(clause) or _UNREAL.search(clause)))


def _listed(word: str) -> list[Deed]:
    root = stem(word)
    return [deed for deed in _DEEDS if root in deed or any(len(one) > 4 and word.startswith(one) for one in deed)]


def _is_finished(word: str) -> bool:
    return word.endswith(_FINISHED) or word in _IRREGULAR
