"""Sentences, words and numbers of a text, for comparing what is said with what is known. Linear in its length."""

import re
import threading
from functools import lru_cache
from pathlib import Path

import snowballstemmer

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")  # the same in a text of plain small letters, found twice as fast
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"')\]’”*_]{0,4}+(?=\s)")
_SPACE = re.compile(r"\s*+")
# Letters that patterns take for i, s and k when case is ignored.
_ODD_LETTERS = re.compile("[\u0130\u0131\u017f\u212a]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|e\.g|i\.e|mr|mrs|ms|dr|prof|st|no|nos|vs|approx|inc|ltd|co|corp|fig|art|sec|dept|est|min|max|"
    r"incl|excl|tel|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|\d{1,2})$",
    re.IGNORECASE,
)


def word_list(file: Path) -> frozenset[str]:
    """The words of a text file, its lines that begin with # left out."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # a stemmer keeps its word while it works
STOP_WORDS = word_list(Path(__file__).parent / "data" / "stop_words.txt")


def sentences_in(text: str) -> list[str]:
    """`text` cut after its sentences; joined, the parts are `text` again."""
    parts: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _ends_sentence(text, start, end):
            following = _SPACE.match(text, end.end())
            stop = following.end() if following else end.end()
            parts.append(text[start:stop])
            start = stop
    return [*parts, text[start:]] if start < len(text) else parts


def _ends_sentence(text: str, start: int, end: re.Match[str]) -> bool:
    if "!" in end[0] or "?" in end[0]:
        return True
    following = text[end.end() : end.end() + 20].lstrip()
    if following[:1].islower():
        return False
    return _ABBREVIATION.search(text[max(start, end.start() - 8) : end.start()]) is None


def is_odd(text: str) -> bool:
    """Whether its small letters do not tell what a pattern, case ignored, finds in `text`."""
    return not text.isascii() and _ODD_LETTERS.search(text) is not None


def words_in(text: str) -> list[str]:
    """The words of `text`, lower case, without numbers."""
    small = text.lower().replace("’", "'")
    return (_ASCII_WORD if small.isascii() else _WORD).findall(small)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of an English word given in lower case."""
    with _stemming:
        return str(_stemmer.stemWord(word.removesuffix("'s")))


def content_words(text: str) -> set[str]:
    """Stems of the words that carry meaning."""
    stems = set(map(_content_stem, set(words_in(text))))
    stems.discard("")
    return stems


@lru_cache(maxsize=20_000)
def _content_stem(word: str) -> str:
    """Its stem, empty for a word that carries no meaning: a language has few words, so each is judged once."""
    return stem(word) if len(word) > 1 and word.split("'")[0] not in STOP_WORDS else ""


def numbers_in(text: str) -> set[str]:
    """Numbers as written, without thousands separators and trailing zeros of cents: ``1,000`` and ``1000.00`` agree."""
    return {_number(number) for number in _NUMBER.findall(text)}


def _number(written: str) -> str:
    number = re.sub(r",(?=\d{3}\b)", "", written)
    return re.sub(r"\.0+$", "", number).lstrip("0") or "0"
