"""The vault of a run: which token stands for which personal data. It lives as long as the run and is stored nowhere."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import RLock
from typing import Any

from agents.privacy.finding import personal_find
from agents.words import is_odd

OPEN, CLOSE = "⟨", "⟩"
MAX_TOKEN_CHARS = 32
MIN_KNOWN_CHARS = 3
_ESCAPED_OPEN, _ESCAPED_CLOSE = (re.compile(rf"\\u{ord(mark):04x}", re.IGNORECASE) for mark in (OPEN, CLOSE))
_TOKEN = re.compile(rf"{OPEN}[A-Z_]{{1,20}}_\d{{1,6}}{CLOSE}")
_BEFORE_WORD = r"(?:(?<!\w)|(?<=\\[nrt]))"  # nothing, or a line's end inside JSON
_BETWEEN_WORDS = r"(?:[\s,]|\\[nrt])+"  # an address may be written on one line or on several, also inside JSON


@dataclass
class Vault:
    """Hides personal data in texts and puts it back. The same data has the same token throughout the run.

    `known` are values no shape tells, by their kind: ``{"NAME": ["Efua Owusu"], "ADDRESS": ["74 Any Street"]}``.
    Safe to share between the threads of a run.
    """

    known: Mapping[str, Iterable[str]] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict)
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    _hidden: dict[str, str] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self._known_values = [(kind, _KnownValues(kind, values)) for kind, values in self.known.items()]

    def hide(self, text: str) -> str:
        """`text` with a token for everything personal in it. What looks like a token already is disarmed."""
        with self._lock:
            if text not in self._hidden:
                self._hidden[text] = self._hide(text.replace(OPEN, "<").replace(CLOSE, ">"))
            return self._hidden[text]

    def restore(self, text: str) -> str:
        """`text` with every token of ours replaced by what it stands for; unknown tokens stay."""
        return _TOKEN.sub(lambda match: self._values.get(match[0], match[0]), text)

    def restore_json(self, text: str) -> str:
        """Like `restore` inside JSON, where tokens may be escaped and the values come back so that it stays JSON."""
        text = _ESCAPED_OPEN.sub(OPEN, _ESCAPED_CLOSE.sub(CLOSE, text))
        return _TOKEN.sub(lambda match: json.dumps(self._values.get(match[0], match[0]))[1:-1], text)

    def hide_all(self, value: Any) -> Any:
        """`hide` for every text inside lists and mappings."""
        return _walk(value, self.hide)

    def restore_all(self, value: Any) -> Any:
        """`restore` for every text inside lists and mappings."""
        return _walk(value, self.restore)

    def _hide(self, text: str) -> str:
        parts, end = [], 0
        for found in personal_find(text):
            parts += [self._hide_known(text[end : found.start]), self._token(found.kind, found.value)]
            end = found.end
        return "".join([*parts, self._hide_known(text[end:])])

    def _hide_known(self, text: str) -> str:
        for kind, values in self._known_values:
            if values.may_stand_in(text):
                token = partial(self._token_of, kind)
                text = values.pattern.sub(token, text)
        return text

    def _token_of(self, kind: str, match: re.Match[str]) -> str:
        return self._token(kind, match[0])

    def _token(self, kind: str, value: str) -> str:
        if (kind, value) not in self._tokens:
            number = sum(known == kind for known, _ in self._tokens) + 1
            self._tokens[kind, value] = token = f"{OPEN}{kind}_{number}{CLOSE}"
            self._values[token] = value
        return self._tokens[kind, value]


class _KnownValues:
    """The values of a kind as whole words; of a name its parts too, but those only as they are written ("Will", not
    "will")."""

    def __init__(self, kind: str, values: Iterable[str]) -> None:
        self._forms: dict[str, str] = {}  # patterns, each with a word in small letters that stands in what it matches
        for value in sorted({" ".join(value.split()) for value in values}, key=len, reverse=True):
            words = [word for word in re.split(r"[\s,]+", value) if word]
            if len(value) >= MIN_KNOWN_CHARS and words:
                self._forms[f"(?i:{_BETWEEN_WORDS.join(map(re.escape, words))})"] = max(words, key=len).lower()
            if kind == "NAME":
                parts = {re.escape(word): word.lower() for word in words}
                self._forms |= {part: small for part, small in parts.items() if len(part) >= MIN_KNOWN_CHARS}
        self._is_plain = all(word.isascii() for word in self._forms.values())

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Made when it is needed, which takes longer than to see that it is not."""
        return re.compile(rf"{_BEFORE_WORD}(?:{'|'.join(self._forms)})(?!\w)" if self._forms else r"(?!)")

    def may_stand_in(self, text: str) -> bool:
        """False only where none does."""
        if not self._is_plain or is_odd(text):
            return True
        small = text.lower()
        return any(word in small for word in self._forms.values())


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _walk(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_walk(item, change) for item in value]
    return value


class Restoring:
    """Restores a text that comes in pieces: a token cut in two waits for its end."""

    def __init__(self, vault: Vault, on_text: Callable[[str], None]) -> None:
        self._vault, self._on_text, self._pending = vault, on_text, ""

    def __call__(self, piece: str) -> None:
        for part in self._ready(piece):
            self._on_text(self._vault.restore(part))

    def close(self) -> None:
        """The text is complete: what still waits was no token."""
        if self._pending:
            self._on_text(self._vault.restore(self._pending))
            self._pending = ""

    def _ready(self, piece: str) -> Iterator[str]:
        text = self._pending + piece
        start = text.rfind(OPEN)
        unfinished = start >= 0 and CLOSE not in text[start:] and len(text) - start <= MAX_TOKEN_CHARS
        cut = start if unfinished else len(text)
        self._pending = text[cut:]
        if text[:cut]:
            yield text[:cut]
