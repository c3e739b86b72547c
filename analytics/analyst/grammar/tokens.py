"""A question as small words without signs, and its typing errors mended against the words the grammar knows."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

MAX_WORDS = 80
_SAME = {"α": " alpha ", "e-mail": "email", "e-mails": "emails", "%": " percent ", "&": " and ", "’": "'", "–": " to "}
_WORD = re.compile(r"\d{4}-\d{2}-\d{2}|\d+(?:st|nd|rd|th)\b|\d+|[^\W\d_]+\d*|[^\s\w.,?!:'\"()/_-]")
_OWNERSHIP = re.compile(r"(?<=\w)'(?:s|d|ll|re|ve|m)\b|(?<=s)'(?=\s|$)")
_SOUNDS_LIKE = frozenset(("germany", "france", "rest"))  # words of their own, near to known ones
_SHORT, _MIDDLE, _LONG = 4, 6, 8  # letters from which a wrong one, one too many or too few, and two errors are mended


def words_of(text: str) -> list[str]:
    """Small letters, no punctuation; a sign that means something (``;``, ``>``, ``*``) stays as a word of its own."""
    text = unicodedata.normalize("NFKC", text).lower()
    for written, read in _SAME.items():
        text = text.replace(written, read)
    return _WORD.findall(_OWNERSHIP.sub("", text.replace("n't", " not")))


def words_mend(words: list[str], known: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """The words with typing errors mended, and what was read as what."""
    read = {word: near for word in words if word not in known and (near := _nearest(word, known))}
    return [read.get(word, word) for word in words], read


def _nearest(word: str, known: Collection[str]) -> str:
    """The only known word that is one error away, of a long one two; empty when there is none or it is not clear."""
    if len(word) < _SHORT or not word.isalpha() or word in _SOUNDS_LIKE:
        return ""
    most = 2 if len(word) >= _LONG else 1
    near: dict[int, list[str]] = {}
    for other in known:
        slack = 0 if len(word) < _MIDDLE else most
        if len(other) >= _SHORT and other[0] == word[0] and other.isalpha() and abs(len(other) - len(word)) <= slack:
            distance = _distance(word, other)
            if distance <= most:
                near.setdefault(distance, []).append(other)
    nearest = near[min(near)] if near else []
    stems = {other.removesuffix("s") for other in nearest}
    return max(nearest, key=len) if len(stems) == 1 and len(nearest) > 1 else (nearest[0] if len(nearest) == 1 else "")


@lru_cache(maxsize=20_000)
def _distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's: letters put in, left out, changed, or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [place]
        for at, opposite in enumerate(other, start=1):
            cost = min(row[at - 1] + 1, before[at] + 1, before[at - 1] + (letter != opposite))
            if place > 1 and at > 1 and letter == other[at - 2] and one[place - 2] == opposite:
                cost = min(cost, earlier[at - 2] + 1)
            row.append(cost)
    return row[-1]
