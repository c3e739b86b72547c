"""PDF: lines with their size and place, from which headings, paragraphs and lists are read."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.lines import WRAP_WIDTH, is_item, unwrap
from knowledge.parsing.types import MAX_HEADING, MAX_PAGES, BlockWriter, Kind, Parsed

HEADING_SCALE = 1.12  # times the size of the running text
PARAGRAPH_GAP = 1.35  # times the usual distance of two lines
COMMON_SHARE = 0.1  # of all distances of two lines: what is so frequent may be the usual one
SAME_LINE = 0.3  # times the size of the text: a smaller difference in height is no new line
EDGE_SHARE = 0.6  # a first or last line on so many pages is a running head or foot
EDGE_PAGES = 3

_CONTENTS = re.compile(r"(?:\. ?){6,}\s*\w+\s*$")  # a line of a table of contents
_SYMBOL_BULLET = re.compile("^[\x7f\uf000-\uf0ff]\\s*")


Matrix = list[float]


@dataclass
class Line:
    text: str
    page: int
    size: float
    bold: bool
    y: float


def pdf_parse(data: bytes) -> Parsed:
    """Raises `FileUnreadable` when the file is locked, broken or without a text layer, and `FileTooLarge`."""
    try:
        reader = _open(data)
        lines = [line for number, page in enumerate(reader.pages) for line in _page_lines(page, number)]
        title = str((reader.metadata and reader.metadata.title) or "").strip()
    except (FileUnreadable, FileTooLarge):
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        # pypdf meets a broken file with whatever the broken part provokes.
        raise FileUnreadable("The PDF file is broken. Open it, save it again and upload the copy.") from error
    if not any(character.isalnum() for line in lines for character in line.text):
        raise FileUnreadable(
            "The PDF has no text in it: it seems to be a scan. Run text recognition (OCR) over it and upload that."
        )
    parsed = _read(_content(lines))
    return Parsed(parsed.title or title, parsed.blocks)


def _open(data: bytes) -> pypdf.PdfReader:
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileUnreadable("The PDF is protected by a password. Save it without one and upload it again.")
    if len(reader.pages) > MAX_PAGES:
        raise FileTooLarge(f"The PDF has more than {MAX_PAGES:,} pages. Split it into several files.")
    return reader


def _page_lines(page: pypdf.PageObject, number: int) -> Iterator[Line]:
    """The lines of a page in its own order; fragments at one height, such as the cells of a row, are one line."""
    line: Line | None = None
    for fragment in _fragments(page, number):
        if line and abs(line.y - fragment.y) < SAME_LINE * max(line.size, fragment.size):
            line = _joined(line, fragment)
            continue
        if line:
            yield line
        line = fragment
    if line:
        yield line


def _fragments(page: pypdf.PageObject, number: int) -> list[Line]:
    found: list[Line] = []

    def visit(text: str, matrix: Matrix, text_matrix: Matrix, font: dict[str, Any] | None, size: float) -> None:
        if text.strip():
            place = pypdf.mult(text_matrix, matrix)
            bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
            found.append(Line(_readable(text), number, round(abs(size * place[3]) or size, 1), bold, place[5]))
        elif text and found:
            found[-1].text += " "

    page.extract_text(visitor_text=visit)
    return found


def _joined(line: Line, more: Line) -> Line:
    longer = max(line, more, key=lambda part: len(part.text))  # a bullet is often larger than its text
    return Line(f"{line.text} {more.text}", line.page, longer.size, line.bold and more.bold, line.y)


def _readable(text: str) -> str:
    """NFKC turns the ligatures that typesetting put in (ﬁ, ﬂ) back into letters; symbol fonts hide bullets."""
    text = _SYMBOL_BULLET.sub("• ", unicodedata.normalize("NFKC", text))
    return text.replace("\n", " ")


def _content(lines: list[Line]) -> list[Line]:
    """Drop page numbers, what repeats at the top or the bottom of the pages, and tables of contents."""
    edges = []
    for _, page in groupby(lines, key=lambda line: line.page):
        by_height = sorted(page, key=lambda line: line.y)
        edges += by_height if len(by_height) < 3 else [by_height[0], by_height[-1]]
    seen = Counter(_shape(line) for line in edges)
    often = max(EDGE_PAGES, EDGE_SHARE * (lines[-1].page + 1))
    dropped = {id(line) for line in edges if seen[_shape(line)] >= often or line.text.strip(" -–").isdigit()}
    return [line for line in lines if id(line) not in dropped and not _CONTENTS.search(line.text)]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "0", " ".join(line.text.split()))


def _read(lines: list[Line]) -> Parsed:
    page = _Layout(lines)
    writer = BlockWriter()
    title = ""
    for group in page.groups():
        text = "\n".join(" ".join(line.text.split()) for line in group)
        if level := page.level(group[0]):
            writer.heading(level, text)
            title = title or (text if level == 1 and group[0].page == 0 else "")
        else:
            writer.add(unwrap(text), Kind.LIST if is_item(text) else Kind.PARAGRAPH)
    # The largest heading of the first page, where a letterhead often comes before it.
    return Parsed(" ".join(title.split()) or writer.title, writer.blocks)


class _Layout:
    """What is usual in this file, and so what stands out."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        characters: Counter[float] = Counter()
        for line in lines:
            characters[line.size] += len(line.text)
        self.body = characters.most_common(1)[0][0]
        gaps = Counter(round(a.y - b.y) for a, b in pairwise(lines) if a.page == b.page and a.y - b.y >= self.body)
        often = [gap for gap, count in gaps.items() if count >= gaps.total() * COMMON_SHARE]
        self.gap = min(often, default=self.body * 1.2)
        larger = {line.size for line in lines if self._stands_out(line) and line.size > self.body * HEADING_SCALE}
        self.levels = {size: level for level, size in enumerate(sorted(larger, reverse=True), 1)}

    def _stands_out(self, line: Line) -> bool:
        text = line.text.strip()
        short = len(text) <= MAX_HEADING // 2 and not text.endswith((".", ",", ";"))
        return short and any(character.isalpha() for character in text)

    def level(self, line: Line) -> int | None:
        """1 for the largest headings, the last level for bold lines of the running size; None for text."""
        if not self._stands_out(line):
            return None
        if line.size in self.levels:
            return self.levels[line.size]
        bold_title = line.bold and line.size >= self.body and not is_item(line.text)
        return len(self.levels) + 1 if bold_title else None

    def groups(self) -> Iterator[list[Line]]:
        """Lines that belong together: a heading, a paragraph, a list."""
        group: list[Line] = []
        for line in self.lines:
            if group and self._begins(group, line):
                yield group
                group = []
            group.append(line)
        if group:
            yield group

    def _begins(self, group: list[Line], line: Line) -> bool:
        before, level = group[-1], self.level(line)
        if level != self.level(group[0]):
            return True
        near = before.page == line.page and 0 < before.y - line.y <= self.gap * PARAGRAPH_GAP
        if level:
            return not (before.page == line.page and before.y - line.y <= line.size * 2)
        if is_item(line.text):
            return not is_item(group[0].text)
        if is_item(group[0].text) and len(before.text) < WRAP_WIDTH:
            return True
        if before.page == line.page:
            return not near
        return before.text.rstrip().endswith((".", ":", "!", "?"))
