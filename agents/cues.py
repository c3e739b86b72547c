"""Cues: words that show a tone, a wish or a danger, kept in text files beside the code that looks for them.

A file holds cues; each starts with a line ``-- what it means`` and lists patterns, one a line: regular expressions
matched at word borders, case ignored, where ``<3>`` stands for up to three words. Lines ``needs: …`` and ``unless: …``
are patterns that must, or must not, stand in the same sentence; ``weight: 0.5`` makes a cue too weak to count alone
(default 1); ``kinds: question request`` limits it to kinds of sentence.
"""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agents.triggers import Gate, Patterns
from omnicqm.common.errors import ConfigurationError

_FIELD = re.compile(r"(weight|kinds|needs|unless): (.+)")
_GAP = re.compile(r"<(\d)>")
_loaded: dict[Path, "_CueFile"] = {}
_loading = threading.Lock()


class Spoken(Protocol):
    """A piece of a text; `kind` is a word of the caller's, such as "question"."""

    @property
    def text(self) -> str: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class Cue:
    words: Patterns
    weight: float
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    kinds: frozenset[str]

    def find(self, sentence: Spoken) -> str:
        """The words of `sentence` that match, or an empty string."""
        if self.kinds and sentence.kind not in self.kinds:
            return ""
        match = self.words.search(sentence.text)  # which rarely is there: before what has to be searched for in full
        if match is None or (self.needs and not self.needs.search(sentence.text)):
            return ""
        return "" if self.unless and self.unless.search(sentence.text) else match[0].strip()


@dataclass(frozen=True)
class Hits:
    """What a cue file found: the sum of the weights (each cue counted once) and the words found."""

    weight: float
    words: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.weight >= 1


def cues_find(file: Path, sentences: Iterable[Spoken]) -> Hits:
    """Look for the cues of `file` in `sentences`. A weight of 1 or more means that they are there."""
    found: dict[int, tuple[float, str]] = {}
    read = _file_load(file)
    for sentence in sentences:
        for number, cue in enumerate(read.cues if read.gate.lets_in(sentence.text) else ()):
            if number not in found and (words := cue.find(sentence)):
                found[number] = (cue.weight, words)
    return Hits(sum(weight for weight, _ in found.values()), tuple(dict.fromkeys(words for _, words in found.values())))


def cues_load(file: Path) -> tuple[Cue, ...]:
    """The cues of a file, read once. Raises `ConfigurationError` that names the file when one cannot be read."""
    return _file_load(file).cues


@dataclass(frozen=True)
class _CueFile:
    """`gate` keeps out the sentences, nearly all, in which no cue can be."""

    cues: tuple[Cue, ...]
    gate: Gate


def _file_load(file: Path) -> _CueFile:
    if file not in _loaded:
        with _loading:  # threads that come at once would each take their time
            if file not in _loaded:
                cues = _read(file)
                _loaded[file] = _CueFile(cues, Gate(cue.words for cue in cues))
    return _loaded[file]


def _read(file: Path) -> tuple[Cue, ...]:
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        return tuple(_cue(entry) for entry in _entries(lines))
    except (re.error, ValueError) as error:
        raise ConfigurationError(f"The cue file {file.name} cannot be read: {error}.", param=file.stem) from error


def _entries(lines: Iterable[str]) -> list[list[str]]:
    entries: list[list[str]] = []
    for line in lines:
        if line.startswith("-- "):
            entries.append([])
        else:
            entries[-1].append(line)
    return entries


def _cue(lines: Iterable[str]) -> Cue:
    fields = {match[1]: match[2] for line in lines if (match := _FIELD.match(line))}
    return Cue(
        words=Patterns(_gaps_fill(_bordered(line)) for line in lines if not _FIELD.match(line)),
        weight=float(fields.get("weight", 1)),
        needs=_pattern(fields["needs"]) if "needs" in fields else None,
        unless=_pattern(fields["unless"]) if "unless" in fields else None,
        kinds=frozenset(fields.get("kinds", "").split()),
    )


def _bordered(line: str) -> str:
    """A pattern that begins or ends with a letter or a group does so at a word's border; code ends anywhere."""
    front = r"(?<!\w)" if line[0].isalnum() or line[0] == "(" else ""
    back = r"(?!\w)" if line[-1].isalnum() or line[-1] in ")?*+" else ""
    return f"{front}(?:{line}){back}"


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(_gaps_fill(source), re.IGNORECASE)


def _gaps_fill(source: str) -> str:
    return _GAP.sub(r"(?:[\\w'’-]+,? ){0,\1}", source)
