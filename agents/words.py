"""Words and numbers of a text, stemmed, for comparing what is said with what is known."""

import re
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_stemmer = snowballstemmer.stemmer("english")
STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by
    can cannot could did do does doing don down during each either else ever every few for from further get gets getting
    give given go goes going got had has have having he her here hers herself him himself his how however i if in into is
    it its itself just let like ll make makes many may me might more most much must my myself no nor not now of off ok okay
    on once one only onto or other our ours ourselves out over own per please re s same shall she should since so some such
    t than thank thanks that the their theirs them themselves then there these they this those through to too under until
    up upon us very via want wants was we well were what when where whether which while who whom whose why will with within
    without would yet you your yours yourself yourselves ve d m
    ain aren couldn didn doesn hadn hasn haven isn mightn mustn needn shan shouldn wasn weren won wouldn""".split()
)


def words_in(text: str) -> list[str]:
    """The words of `text`, lower case, without numbers."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of an English word given in lower case."""
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
