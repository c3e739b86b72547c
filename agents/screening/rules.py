"""Deterministic rules: the same for every model, the same on every run."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agents.cues import cues_find
from agents.types import Blocker

FOLDER = Path(__file__).parent / "data"
INJECTION, SAFETY, PLANTED = (FOLDER / f"{name}.txt" for name in ("injection", "safety", "planted"))
# Letters of other alphabets that look like Latin ones; a message that mixes them means to look like what it says.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏАВЕКМНОРСТУХІЈЅαορνιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhlABEKMHOPCTYXIJSaopviABEZHIKMNOPTYX"
)
_SPACED = re.compile(r"(?<!\w)\w(?: \w){3,}(?!\w)")
_APART = re.compile(r" \w \w ")  # stands in all that are spaced, and is found far faster
_HIDDEN = re.compile(r"[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")


@dataclass(frozen=True)
class Screened:
    """What a message was flagged for, and the words that show it."""

    blockers: frozenset[Blocker] = frozenset()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Piece:
    text: str
    kind: str = ""


def message_screen(subject: str, message: str) -> Screened:
    """Whether a customer's message tries to instruct the system (INJECTION) or needs a person's care (SAFETY)."""
    pieces = _pieces(f"{subject}\n{message}")
    injection, safety = (cues_find(file, pieces) for file in (INJECTION, SAFETY))
    found = {Blocker.INJECTION: injection, Blocker.SAFETY: safety}
    flagged = {blocker: hits for blocker, hits in found.items() if hits}
    return Screened(frozenset(flagged), tuple(word for hits in flagged.values() for word in hits.words))


def injection_find(text: str) -> bool:
    """Whether `text` tries to instruct the system, by the cues for messages."""
    return bool(cues_find(INJECTION, _pieces(text)))


@lru_cache(maxsize=2_000)
def planted_find(text: str) -> tuple[str, ...]:
    """The words of a document, a tool's result or an earlier message that speak to the machine which reads it."""
    hits = cues_find(PLANTED, _pieces(text))
    return hits.words if hits else ()


@lru_cache(maxsize=256)  # a text is asked about once for each list of cues
def _pieces(text: str) -> tuple[_Piece, ...]:
    """Every line as it came, and all of it as one: attacks hide in greetings, code, line breaks, unseen letters, those
    of other alphabets and l e t t e r s apart."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).translate(_LOOKALIKES)
    if _APART.search(text):
        text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(map(_Piece, dict.fromkeys([*lines, " ".join(text.split())])))
