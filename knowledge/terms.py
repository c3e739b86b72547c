"""Words as search compares them: folded, without stop words, reduced to their stem."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

MAX_TERM = 40  # characters: longer runs are no words anybody looks for

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_STOP_WORD_LIST = """
    a about after again all also am an and any are as at be because been before being below between both but by can
    could did do does doing don down during each few for from further get had has have having he her here hers him his
    how i if in into is it its itself just let like ll me more most my myself no nor not now of off on once only or
    other our ours out over own please re s same shall she should so some such t than thank thanks that the their
    theirs them then there these they this those through to too under until up ve very was we were what when where
    which while who whom why will with would you your yours yourself hello hi hey dear can't don't i'm i've i'd what's
    it's won't didn't doesn't isn't
"""
_STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_stemmer = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # a stemmer keeps its word while it works


def terms_of(text: str) -> list[str]:
    """The terms of `text` in order, repetitions kept. The same function reads documents and questions."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words = (match[0] for match in _WORD.finditer(folded))
    return [_stem(_POSSESSIVE.sub("", word)) for word in words if word not in _STOP_WORDS and len(word) <= MAX_TERM]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    with _stemming:
        return _stemmer.stemWord(word)
