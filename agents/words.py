"""Sentences, words and numbers of a text, for comparing what is said with what is known. Linear in the text's length."""

import re
import threading
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"')\]’”*_]{0,4}+(?=\s)")
_SPACE = re.compile(r"\s*+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|e\.g|i\.e|mr|mrs|ms|dr|prof|st|no|nos|vs|approx|inc|ltd|co|corp|fig|art|sec|dept|est|min|max|"
    r"incl|excl|tel|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|\d{1,2})$",
    re.IGNORECASE,
)
_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # a stemmer keeps its word while it works
STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by
    can cannot could did do does doing don down during each either else ever every few for from further get gets getting
    give given go goes going got had has have having he her here hers him himself his how however i if in into is it its
    itself just let like ll make makes many may me might more most much must my myself no nor not now of off ok okay on
    once one only onto or other our ours ourselves out over own per please re s same shall she should since so some such t
    than thank thanks that the their theirs them themselves then there these they this those through to too under until up
    upon us very via want wants was we well were what when where whether which while who whom whose why will with within
    without would yet you your yours yourself yourselves ve d m ain aren couldn didn doesn hadn hasn haven isn mightn
    mustn needn shan shouldn wasn weren won wouldn""".split()
)


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


def words_in(text: str) -> list[str]:
    """The words of `text`, lower case, without numbers."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of an English word given in lower case."""
    with _stemming:
        return str(_stemmer.stemWord(word.removesuffix("'s")))


def content_words(text: str) -> set[str]:
    """Stems of the words that carry meaning."""
    return {stem(word) for word in words_in(text) if len(word) > 1 and word.split("'")[0] not in STOP_WORDS}


def numbers_in(text: str) -> set[str]:
    """Numbers as written, without thousands separators and trailing zeros of cents: ``1,000`` and ``1000.00`` agree."""
    return {_number(number) for number in _NUMBER.findall(text)}


def _number(written: str) -> str:
    number = re.sub(r",(?=\d{3}\b)", "", written)
    return re.sub(r"\.0+$", "", number).lstrip("0") or "0"
