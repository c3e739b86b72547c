"""What every parser hands on: a title and blocks in reading order, each under its headings."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from knowledge.errors import FileTooLarge

MAX_BYTES = 25 * 1024 * 1024
MAX_PAGES = 1000
MAX_CHARACTERS = 2_000_000
MAX_HEADING = 200
# A short paragraph that is bold as a whole heads what follows, one level below every real heading.
BOLD_LEVEL, BOLD_LENGTH = 11, 90

_NUMBER = re.compile(r"^(?:\(?(?:\d{1,2}|[a-zA-Z])[.)]|\d{1,2}(?:\.\d{1,2})+\.?)\s+")


class Format(StrEnum):
    """The kinds of file that are understood, by the media type stored with a version."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"
    CSV = "text/csv"
    JSONL = "application/jsonl"


class Kind(StrEnum):
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True)
class Block:
    """One paragraph, list, table or listing. Lists and tables have an item or a row on each line."""

    text: str
    heading: tuple[str, ...] = ()
    kind: Kind = Kind.PARAGRAPH


@dataclass(frozen=True)
class Parsed:
    """A file as text. `title` is the file's own and may be empty."""

    title: str
    blocks: list[Block] = field(default_factory=list)


class BlockWriter:
    """Collects blocks and keeps the path of headings they stand under.

    A heading loses its number; one that stands before any text is also the title. Raises `FileTooLarge` beyond
    `MAX_CHARACTERS`.
    """

    def __init__(self) -> None:
        self.title = ""
        self.blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._characters = 0

    def heading(self, level: int, text: str) -> None:
        text = _NUMBER.sub("", " ".join(text.split()))[:MAX_HEADING].strip()
        if not text:
            return
        if not self.title and not self.blocks:
            self.title = text
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text))

    def add(self, text: str, kind: Kind = Kind.PARAGRAPH) -> None:
        text = text.strip("\n").rstrip()
        if not text.strip():
            return
        self._characters += len(text)
        length_check(self._characters)
        self.blocks.append(Block(text, tuple(heading for _, heading in self._path), kind))

    def parsed(self) -> Parsed:
        return Parsed(self.title, self.blocks)


def length_check(characters: int) -> None:
    """Raises `FileTooLarge` beyond `MAX_CHARACTERS`."""
    if characters > MAX_CHARACTERS:
        raise FileTooLarge(f"The text is longer than {MAX_CHARACTERS:,} characters. Split it into several files.")


def table_lines(rows: list[list[str]], *, headed: bool) -> str:
    """Each row as one line that can be read alone: ``Card: Travel; Annual fee: $450``.

    Without a header row the cells are only joined: ``Annual fee: $450``.
    """
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    if not headed or len(rows) < 2:
        return "\n".join(": ".join(filter(None, row)) for row in rows if any(row))
    header, *body = rows
    return "\n".join(filter(None, (_row_line(header, row) for row in body)))


def _row_line(header: list[str], row: list[str]) -> str:
    names = header + [""] * (len(row) - len(header))
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell)
