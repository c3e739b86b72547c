"""The output guard: reads a reply as it is written and lets each sentence out only when it may go.

A sentence that states something must cite a passage customers may read, and that passage must bear it out: most of its
words and every one of its numbers, so internal documents cannot show. Links must stand in a cited passage. Nothing may
sound like our instructions. A hit raises `GuardHit`; the reply is withdrawn and a person takes over.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from agents.courtesies import is_courtesy
from agents.errors import GuardHit
from agents.tools import Entry, Shelf
from agents.words import content_words, numbers_in, sentences_in, words_in

MAX_REPLY_CHARS = 8_000
MIN_BORNE_OUT = 0.6

_CITATION = re.compile(r"\s?\[(\d{1,3})\]")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]|\|)\s")
_LINK = re.compile(r"(?:https?://|mailto:|www\.)[^\s)\]>\"']+|[\w.+-]+@[\w-]+\.[\w.]+", re.IGNORECASE)
_LEAK = re.compile(
    r"</?\s*(?:untrusted|facts|task)\b|system prompt|my (?:instructions|guidelines|prompt)|as an ai\b|language model"
    r"|(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier)"
    r"|\b(?:search_knowledge|get_customer_profile|get_conversation_history|list_conversations|read_conversation)\b"
    r"|\bopen_follow_up\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[*_`#|>]|\[(?=[^\]]*\]\()|\]\([^)]*\)")


@dataclass
class GuardedReply:
    """Takes the text of a reply piece by piece and passes it on sentence by sentence, citations renumbered from 1.

    With `asks_back` it may only ask. After `close`, `text` is the reply that went out and `cited` holds the shelf
    numbers of its passages in the order of their new numbers.
    """

    shelf: Shelf
    salutation: str = ""
    asks_back: bool = False
    on_sentence: Callable[[str], None] | None = None
    text: str = ""
    cited: list[int] = field(default_factory=list)
    _pending: str = ""
    _held: list[str] = field(default_factory=list)
    _inherited: tuple[int, ...] = ()
    _quotes: dict[int, list[str]] = field(default_factory=dict)

    def feed(self, piece: str) -> None:
        """Take more text. Raises `GuardHit` when a finished sentence may not go out."""
        self._pending += piece
        *complete, self._pending = units_split(self._pending)
        for unit in complete:
            self._take(unit)

    def close(self) -> None:
        """The reply is complete. Raises `GuardHit` for its last sentence, or when there is none."""
        self._take(f"{self._pending}\n")
        self.text = self.text.rstrip()
        if not self.text:
            raise GuardHit("The reply is empty.")

    def quotes(self, number: int) -> list[str]:
        """The sentences that cite the `number`-th passage of the reply, without markup."""
        return self._quotes.get(number, [])

    def _take(self, unit: str) -> None:
        """Hold a sentence until the citation that follows it in its line is there, or the line ends."""
        self._held.append(unit)
        if _CITATION.search(unit) or unit.endswith("\n"):
            held, self._held = self._held, []
            self._release(held)

    def _release(self, units: list[str]) -> None:
        passages = self._passages("".join(units))
        for unit in units:
            self._check(unit, passages)
        shown = _CITATION.sub(self._renumber, "".join(units))
        self.text += shown
        if len(self.text) > MAX_REPLY_CHARS:
            raise GuardHit("The reply is too long.")
        if self.on_sentence is not None and shown:
            self.on_sentence(shown)

    def _check(self, unit: str, passages: Sequence[Entry]) -> None:
        plain = plain_text(unit)
        if _LEAK.search(unit):
            raise GuardHit("The reply repeats instructions of the system.")
        _links_check(unit, passages)
        states_nothing = not words_in(plain) and not numbers_in(plain)
        if states_nothing or is_courtesy(plain, self.salutation):
            return
        if not self.asks_back:
            _support_check(plain, passages)
        elif not plain.endswith("?"):
            raise GuardHit("A question back states something.")

    def _passages(self, line: str) -> list[Entry]:
        """What the line cites; a list item without citation shares that of the line before its list."""
        numbers = tuple(int(number) for number in _CITATION.findall(line))
        if not numbers and _LIST_ITEM.match(line):
            numbers = self._inherited
        if line.strip():
            self._inherited = numbers
        for number in numbers:
            self._quotes.setdefault(self._place(number), []).append(plain_text(line))
        return [self._passage(number) for number in numbers]

    def _passage(self, number: int) -> Entry:
        passage = self.shelf.get(number)
        if passage is None or passage.internal:
            raise GuardHit("The reply cites what it may not cite.")
        return passage

    def _renumber(self, match: re.Match[str]) -> str:
        return match[0].replace(match[1], str(self._place(int(match[1]))))

    def _place(self, number: int) -> int:
        if number not in self.cited:
            self.cited.append(number)
        return self.cited.index(number) + 1


def units_split(text: str) -> list[str]:
    """`text` cut into lines and, inside prose lines, sentences. The last part is unfinished; joined they are `text`."""
    *lines, rest = text.split("\n")
    units = [part for line in lines for part in _sentences(f"{line}\n")]
    return [*units, *(_sentences(rest) or [""])]


def _sentences(line: str) -> list[str]:
    """Sentences of a line; a citation after the full stop stays with its sentence, a list item is one unit."""
    if _LIST_ITEM.match(line):
        return [line]
    parts: list[str] = []
    for part in sentences_in(line):
        if parts and (_CITATION.match(part.strip()) or not words_in(part)):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def plain_text(markdown: str) -> str:
    """A unit of a reply without citations, emphasis, links and list marks."""
    text = _CITATION.sub("", markdown)
    text = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", text)
    return " ".join(_MARKUP.sub(" ", text).split())


def _links_check(unit: str, passages: Sequence[Entry]) -> None:
    for link in _LINK.findall(unit):
        if not any(link.rstrip(".,;:!?*_") in passage.text for passage in passages):
            raise GuardHit("The reply holds a link that no cited passage has.")


def _support_check(plain: str, passages: Sequence[Entry]) -> None:
    if not passages:
        raise GuardHit("The reply states something without a source.")
    known_words, known_numbers = _known("\n".join(f"{p.title}\n{p.heading}\n{p.text}" for p in passages))
    if numbers_in(plain) - known_numbers:
        raise GuardHit("The reply holds a number that no cited passage has.")
    words = content_words(plain)
    if words and len(words & known_words) / len(words) < MIN_BORNE_OUT:
        raise GuardHit("The cited passage does not bear the sentence out.")


@lru_cache(maxsize=256)
def _known(text: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(content_words(text)), frozenset(numbers_in(text))
