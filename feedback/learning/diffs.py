"""The difference between a draft and what was sent: how alike they are, and the steps from one to the other.

Alike is the share of the words that both have in the same order, by Ratcliff and Obershelp: 1 is word for word, 0 has
nothing in common. Steps are kept so that the text of the reply is not kept twice: ``["=", n]`` takes the next n pieces
of the reply, ``["+", n]`` passes over n that only the reply has, ``["-", "…"]`` is what only the draft has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from feedback.models import Correction

AS_IS_FROM = 0.98  # whoever puts a comma right has taken it as it was
REWRITTEN_BELOW = 0.5  # less than half of the words stayed
MOST_WORDS = 600
MOST_PIECES = 2_000  # of each text; the rest counts as one step
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"\S+\s*|\s+")

Change = list[Any]


@dataclass(frozen=True)
class Stretch:
    """A stretch of both texts, or of one of them."""

    kind: Literal["same", "out", "in"]
    text: str


def similarity(draft: str, sent: str) -> float:
    """0 to 1, whatever the mark-up and the size of letters. The first 600 words count."""
    first, second = (_WORD.findall(text.lower())[:MOST_WORDS] for text in (draft, sent))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def kind_of(alike: float) -> Correction.Kind:
    """What a draft became whose reply is so much like it."""
    if alike >= AS_IS_FROM:
        return Correction.Kind.AS_IS
    return Correction.Kind.EDITED if alike >= REWRITTEN_BELOW else Correction.Kind.REWRITTEN


def changes_between(draft: str, sent: str) -> list[Change]:
    """The steps that make `draft` out of `sent`."""
    first, second = _pieces(draft), _pieces(sent)
    changes: list[Change] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            changes.append(["=", j_end - j])
            continue
        changes += [["-", "".join(first[i:i_end])]] if i_end > i else []
        changes += [["+", j_end - j]] if j_end > j else []
    return changes


def draft_rebuild(changes: Sequence[Change], sent: str) -> str:
    """The draft again."""
    return "".join(stretch.text for stretch in stretches(changes, sent) if stretch.kind != "in")


def stretches(changes: Sequence[Change], sent: str) -> Iterator[Stretch]:
    """Both texts as one: what stayed, what went out, what came in. Steps that do not fit `sent`, such as those of a
    text that was deleted since, end early."""
    pieces, at = _pieces(sent), 0
    for kind, what in changes:
        if kind == "-":
            yield Stretch("out", what)
            continue
        text, at = "".join(pieces[at : at + what]), at + what
        if text:
            yield Stretch("same" if kind == "=" else "in", text)


def _pieces(text: str) -> list[str]:
    found = _PIECE.findall(text)
    return found if len(found) <= MOST_PIECES else [*found[:MOST_PIECES], "".join(found[MOST_PIECES:])]
