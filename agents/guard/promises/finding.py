"""What a promise is, and what bears one out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.words import sentences_in


@dataclass(frozen=True)
class Promise:
    """`words` stand together in one sentence of whoever publishes the same; of `stems` one stands in the record of
    such a deed. `state` is the word for what has become of something ("shipped"), which a system that was only asked
    may tell as well; empty for what we say that we do.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...] = ()
    state: str = ""


def words_flat(text: str) -> str:
    """`text` in lower case, on one line, with one kind of apostrophe."""
    return " ".join(text.lower().replace("’", "'").split())


def is_published(promise: Promise, text: str) -> bool:
    """Whether one sentence of `text` says the same."""
    sentences = [words_flat(sentence) for sentence in sentences_in(text)]
    return any(all(_stands(word, sentence) for word in promise.words) for sentence in sentences)


def is_recorded(promise: Promise, text: str, *, tool: str, wrote: bool) -> bool:
    """Whether the result `text` of `tool` is the record of such a deed, or tells that state."""
    told = words_flat(text)
    if wrote and any(stem in told or stem in tool for stem in promise.stems):
        return True
    return bool(promise.state) and _stands(promise.state, told)


def stems_of(verb: str, deeds: Sequence[str]) -> tuple[str, ...]:
    """Of `deeds`, lists of stems as texts, the one that has the longest stem of `verb`."""
    lists = {stem: deed for deed in deeds for stem in deed.split(", ") if verb.startswith(stem)}
    return tuple(lists[max(lists, key=len)].split(", ")) if lists else ()


def any_of(*lists: str) -> str:
    """A pattern for one of the words of `lists`, the longest first."""
    words = sorted({word for words in lists for word in words.split(", ")}, key=len, reverse=True)
    return f"(?:{'|'.join(words)})"


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
