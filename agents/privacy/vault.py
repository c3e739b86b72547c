"""The vault of a run: which token stands for which personal data. It lives as long as the run and is stored nowhere."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from agents.privacy.finding import personal_find

OPEN, CLOSE = "⟨", "⟩"
MAX_TOKEN_CHARS = 32
MIN_KNOWN_CHARS = 3
_ESCAPED_OPEN, _ESCAPED_CLOSE = (re.compile(rf"\\u{ord(mark):04x}", re.IGNORECASE) for mark in (OPEN, CLOSE))
_TOKEN = re.compile(rf"{OPEN}[A-Z_]{{1,20}}_\d{{1,6}}{CLOSE}")
_BETWEEN_WORDS = r"(?:[\s,]|\\n)+"  # an address may be written on one line or on several, also inside JSON


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
        self._patterns = [(kind, _known_pattern(kind, values)) for kind, values in self.known.items()]

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
        for kind, pattern in self._patterns:
            text = pattern.sub(lambda match, kind=kind: self._token(kind, match[0]), text)  # type: ignore[misc]
        return text

    def _token(self, kind: str, value: str) -> str:
        if (kind, value) not in self._tokens:
            number = sum(known == kind for known, _ in self._tokens) + 1
            self._tokens[kind, value] = token = f"{OPEN}{kind}_{number}{CLOSE}"
            self._values[token] = value
        return self._tokens[kind, value]


def _known_pattern(kind: str, values: Iterable[str]) -> re.Pattern[str]:
    """The values as whole words; of a name its parts too, but those only as they are written ("Will", not "will")."""
    forms: dict[str, None] = {}
    for value in sorted({" ".join(value.split()) for value in values}, key=len, reverse=True):
        words = [re.escape(word) for word in re.split(r"[\s,]+", value) if word]
        if len(value) >= MIN_KNOWN_CHARS and words:
            forms[f"(?i:{_BETWEEN_WORDS.join(words)})"] = None
        if kind == "NAME":
            forms |= {word: None for word in words if len(word) >= MIN_KNOWN_CHARS}
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)" if forms else r"(?!)")


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
