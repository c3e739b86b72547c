"""Lines for a terminal: wrapped, indented, and coloured where there is a terminal to colour."""

import os
import shutil
import textwrap
from collections.abc import Iterable
from io import TextIOBase
from typing import TextIO

BOLD, DIM, GREEN, YELLOW, RED, CYAN = "1", "2", "32", "33", "31", "36"
_WIDEST = 100


class Terminal:
    """Writes to `stream`. Without a terminal, or with NO_COLOR set, plain text."""

    def __init__(self, stream: TextIO | TextIOBase) -> None:
        self._stream = stream
        self._colours = stream.isatty() and "NO_COLOR" not in os.environ
        self.width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)

    def line(self, text: str = "") -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def style(self, text: str, *codes: str) -> str:
        return f"\033[{';'.join(codes)}m{text}\033[0m" if self._colours else text

    def title(self, text: str) -> None:
        self.line(self.style(text, BOLD))

    def chapter(self, number: int, text: str) -> None:
        rule = "─" * max(3, self.width - len(text) - 5)
        self.line(f"\n{self.style(f'{number}  {text}', BOLD, CYAN)} {self.style(rule, DIM)}")

    def said(self, who: str, text: str, code: str = "") -> None:
        """What somebody said, behind a bar."""
        self.line(f"   {self.style(who, BOLD, *filter(None, [code]))}")
        for paragraph in text.strip().split("\n"):
            for row in _wrap(paragraph, self.width - 8) or [""]:
                self.line(f"   {self.style('│', DIM)} {row}".rstrip())

    def note(self, text: str) -> None:
        for row in _wrap(text, self.width - 6):
            self.line(f"   {self.style(row, DIM)}")

    def fact(self, name: str, value: str, code: str = "") -> None:
        shown = _wrap(value, self.width - 18) or [""]
        self.line(f"   {self.style(f'{name:<13}', DIM)} {self.style(shown[0], code) if code else shown[0]}")
        for row in shown[1:]:
            self.line(f"   {'':<13} {row}")

    def rows(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Three columns: words, a right-aligned number, a remark."""
        for words, number, remark in rows:
            self.line(f"     {words:<34}{number:>6}   {self.style(remark, DIM)}".rstrip())


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width`; an address stays in one piece, so that it can be copied."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
