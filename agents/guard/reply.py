"""A reply under guard, from its first piece to its last sentence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agents.courtesies import is_courtesy
from agents.errors import GuardHit
from agents.guard import checks
from agents.guard.known import Known
from agents.guard.links import links_check
from agents.guard.units import CITATION, LIST_ITEM, plain_text, units_split
from agents.tools import Entry, Shelf
from agents.words import numbers_in, words_in

MAX_REPLY_CHARS = 8_000


@dataclass
class GuardedReply:
    """Takes the text of a reply piece by piece and passes it on sentence by sentence, citations renumbered from 1.

    With `asks_back` it may only ask, and has to; with `states` it has to rest on something. `known` is what may show
    of this very customer. After `close`, `text` is the reply that went out and `cited` holds the shelf numbers of its
    passages in the order of their new numbers.
    """

    shelf: Shelf
    salutation: str = ""
    asks_back: bool = False
    states: bool = False
    on_sentence: Callable[[str], None] | None = None
    known: Known = field(default_factory=Known)
    text: str = ""
    cited: list[int] = field(default_factory=list)
    _pending: str = ""
    _held: list[str] = field(default_factory=list)
    _inherited: tuple[int, ...] = ()
    _quotes: dict[int, list[str]] = field(default_factory=dict)

    def feed(self, piece: str) -> None:
        """Take more text. Raises `GuardHit` when a finished sentence may not go out."""
        self._pending += piece
        if len(self._pending) > MAX_REPLY_CHARS:
            raise GuardHit("The reply is too long.")
        *complete, self._pending = units_split(self._pending)
        for unit in complete:
            self._take(unit)

    def close(self) -> None:
        """The reply is complete. Raises `GuardHit` for its last sentence, or when it says nothing."""
        self._take(f"{self._pending}\n")
        self.text = self.text.rstrip()
        if not self.text:
            raise GuardHit("The reply is empty.")
        if (self.states and not self.cited) or (self.asks_back and "?" not in self.text):
            raise GuardHit("The reply is nothing but courtesies.")

    def quotes(self, number: int) -> list[str]:
        """The sentences that cite the `number`-th passage of the reply, without markup."""
        return self._quotes.get(number, [])

    def _take(self, unit: str) -> None:
        """Hold a sentence until the citation that follows it in its line is there, or the line ends."""
        self._held.append(unit)
        if CITATION.search(unit) or unit.endswith("\n"):
            held, self._held = self._held, []
            self._release(held)

    def _release(self, units: list[str]) -> None:
        passages = self._passages("".join(units))
        for unit in units:
            self._check(unit, passages)
        shown = CITATION.sub(self._renumber, "".join(units))
        self.text += shown
        if len(self.text) > MAX_REPLY_CHARS:
            raise GuardHit("The reply is too long.")
        if self.on_sentence is not None and shown:
            self.on_sentence(shown)

    def _check(self, unit: str, passages: Sequence[Entry]) -> None:
        plain = plain_text(unit)
        checks.letters_check(unit)
        checks.instructions_check(unit)
        links_check(unit, passages)
        if not words_in(plain) and not numbers_in(plain):
            return
        if is_courtesy(plain, self.salutation):
            checks.courtesy_check(plain, self._known, self._visible)
        elif self.asks_back:
            self._question_check(plain)
        else:
            checks.support_check(plain, passages)
            checks.strangers_check(plain, self._known, passages)
            checks.promise_check(plain, passages)

    def _question_check(self, plain: str) -> None:
        if not plain.endswith("?"):
            raise GuardHit("A question back states something.")
        checks.strangers_check(plain, self._known, self._visible)
        checks.promise_check(plain, ())

    @property
    def _known(self) -> Known:
        return replace(self.known, own=(self.salutation, *self.known.own))

    @property
    def _visible(self) -> list[Entry]:
        return [entry for entry in self.shelf.entries if not entry.internal]

    def _passages(self, line: str) -> list[Entry]:
        """What the line cites; a list item without citation shares that of the line before its list."""
        numbers = tuple(dict.fromkeys(int(number) for number in CITATION.findall(line)))
        if not numbers and LIST_ITEM.match(line):
            numbers = self._inherited
        if line.strip():
            self._inherited = numbers
        quote = plain_text(line)
        for number in numbers:
            self._quotes.setdefault(self._place(number), []).append(quote)
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
