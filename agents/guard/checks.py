"""What a sentence of a reply must hold to. Each check raises `GuardHit` that says what is wrong."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from agents.courtesies import vocabulary
from agents.errors import GuardHit
from agents.guard.known import Known, flat
from agents.guard.promises import Promise, is_published, is_recorded, promises_in
from agents.privacy import personal_find
from agents.tools import Entry, ToolFinding
from agents.words import content_words, numbers_in, word_list, words_in
from knowledge.selectors import Passage

MIN_BORNE_OUT = 0.6
MAX_STRANGE_WORDS = 3  # in a courtesy

# Controls, halves of characters, and what turns the direction of reading round: nothing a customer should get.
_NO_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)
_LEAK = re.compile(
    r"</?\s*(?:untrusted|facts|task)\b|system prompt|my (?:instructions|guidelines|prompt)|as an ai\b|language model"
    r"|(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier)"
    r"|\b(?:search_knowledge|get_customer_profile|get_conversation_history|list_conversations|read_conversation)\b"
    r"|\bopen_follow_up\b|⟨[A-Z_]+_\d+⟩",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z]|\w*\d{5})[A-Za-z0-9][\w-]{4,}(?![\w-])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OPENS = re.compile(r"(?:^|[.!?:;…])[\s\"'(“‘«]*$|[\"“‘«(]$")
_CALENDAR = word_list(Path(__file__).parent.parent / "data" / "calendar.txt")


def letters_check(unit: str) -> None:
    if _NO_TEXT.search(unit):
        raise GuardHit("The reply holds characters that are no text.")


def instructions_check(unit: str) -> None:
    if _LEAK.search(unit):
        raise GuardHit("The reply repeats instructions of the system.")


def support_check(plain: str, passages: Sequence[Entry]) -> None:
    """What is cited bears the sentence out: most of its words, all of its numbers."""
    if not passages:
        raise GuardHit("The reply states something without a source.")
    known_words, known_numbers = _known("\n".join(map(entry_text, passages)))
    if numbers_in(plain) - known_numbers:
        raise GuardHit("The reply holds a number that no cited passage has.")
    words = content_words(plain)
    if words and len(words & known_words) / len(words) < MIN_BORNE_OUT:
        raise GuardHit("The cited passage does not bear the sentence out.")


def promise_check(plain: str, passages: Sequence[Entry]) -> None:
    """A promise, or a claim to have done something, is the company's published word or the deed of a tool."""
    for promise in promises_in(plain):
        if not any(_backs(passage, promise) for passage in passages):
            raise GuardHit("The reply promises what nobody has scheduled or done.")


def _backs(entry: Entry, promise: Promise) -> bool:
    if isinstance(entry, ToolFinding):
        return is_recorded(promise, entry.text, tool=entry.tool, wrote=entry.wrote)
    return is_published(promise, entry_text(entry))


def strangers_check(plain: str, known: Known, entries: Sequence[Entry]) -> None:
    """Identifiers, and names, come from documents among `entries` or are `known`: no other customer's data shows."""
    documents = "\n".join(entry_text(entry) for entry in entries if isinstance(entry, Passage) and not entry.internal)
    identifiers = [found.value for found in personal_find(plain)] + _CODE.findall(plain)
    if not all(flat(identifier) in flat(documents) or known.identifier(identifier) for identifier in identifiers):
        raise GuardHit("The reply holds an identifier that no source has.")
    names = names_in(plain) - set(words_in(documents))
    if names and names - known.words:
        raise GuardHit("The reply holds a name that no source has.")


def courtesy_check(plain: str, known: Known, entries: Sequence[Entry]) -> None:
    """A courtesy has room for a few words of its own, and none for a name nobody told us or for a promise."""
    strangers_check(plain, known, entries)
    promise_check(plain, ())
    documents = "\n".join(map(entry_text, entries))
    strange = set(words_in(plain)) - set(words_in(documents)) - known.words - vocabulary()
    if len(strange) > MAX_STRANGE_WORDS:
        raise GuardHit("A courtesy says more than a courtesy.")


def names_in(plain: str) -> set[str]:
    """Words with a capital letter inside a sentence, lower case; days, months and "Ms" are none."""
    found = set()
    for match in _WORD.finditer(plain):
        if match[0][0].isupper() and not _OPENS.search(plain[: match.start()]):
            found.update(words_in(match[0]))
    return {word for word in found if not _is_no_name(word.split("'")[0])}


def _is_no_name(word: str) -> bool:
    return word in _CALENDAR or word in vocabulary()


def entry_text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.heading}\n{entry.text}"


@lru_cache(maxsize=256)
def _known(text: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(content_words(text)), frozenset(numbers_in(text))
