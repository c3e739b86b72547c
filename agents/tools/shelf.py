"""The shelf: what a run has found and may cite, passages and results of tools alike, numbered from 1."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.screening import planted_find
from knowledge.selectors import Passage

MAX_DEPTH = 20


@dataclass(frozen=True)
class ToolFinding:
    """The result of a citable tool, read like a passage. `text` has a line for each value: ``status: on its way``.

    `key` is that of the `ToolCall`; `wrote` says that the tool did something.
    """

    tool: str
    title: str
    text: str
    key: str
    wrote: bool = False
    heading: str = ""
    internal: bool = False


Entry = Passage | ToolFinding
Flagged = Callable[[Sequence[str]], list[bool]]


def planted_flagged(texts: Sequence[str]) -> list[bool]:
    """Which of `texts` try to instruct the machine that reads them, by our rules alone."""
    return [bool(planted_find(text)) for text in texts]


@dataclass
class Shelf:
    """Entries in the order they were first seen; citations are their numbers.

    `withheld` names what was found and left out, because it tried to instruct the machine.
    """

    entries: list[Entry] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    def withhold(self, names: Iterable[str]) -> None:
        """Note what is left out, each name once."""
        self.withheld += [name for name in dict.fromkeys(names) if name not in self.withheld]

    @property
    def passages(self) -> list[Passage]:
        return [entry for entry in self.entries if isinstance(entry, Passage)]

    @property
    def tool_findings(self) -> list[ToolFinding]:
        return [entry for entry in self.entries if isinstance(entry, ToolFinding)]

    def add(self, entry: Entry) -> int:
        """The number of `entry`. A passage known already keeps its number, and so does a tool that says the same."""
        for number, known in enumerate(self.entries, start=1):
            if _is_same(known, entry):
                return number
        self.entries.append(entry)
        return len(self.entries)

    def get(self, number: int) -> Entry | None:
        return self.entries[number - 1] if 0 < number <= len(self.entries) else None


def _is_same(known: Entry, entry: Entry) -> bool:
    if isinstance(known, Passage) and isinstance(entry, Passage):
        return known.chunk_id == entry.chunk_id
    return known == entry


def result_text(data: Any) -> str:
    """The result of a tool as lines of words, so that a reply can be held against it.

    ``{"delivery": {"expected_on": "2026-11-23"}}`` becomes ``delivery expected on: 2026-11-23``.
    """
    return "\n".join(f"{' '.join(path)}: {value}" if path else str(value) for path, value in _leaves(data, ()))


def _leaves(data: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if len(path) > MAX_DEPTH:
        return
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _leaves(value, (*path, str(key).replace("_", " ").strip("/")))
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for value in data:
            yield from _leaves(value, path)
    elif data is not None and data != "":
        yield path, data
