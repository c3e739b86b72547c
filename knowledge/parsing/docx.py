"""Word documents: headings, lists and tables by their styles, in reading order."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import groupby

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.types import BOLD_LENGTH, BOLD_LEVEL, BlockWriter, Kind, Parsed, table_lines

MAX_ENTRIES = 5000
MAX_UNPACKED = 300 * 1024 * 1024  # bytes of all parts
MAX_XML = 60 * 1024 * 1024  # bytes of the text itself, which is held as a tree

# What python-docx meets a broken file with.
_BROKEN = (zipfile.BadZipFile, OpcError, LxmlError, KeyError, ValueError, AttributeError, NotImplementedError)
_HEADING = re.compile(r"heading (\d)")


def docx_parse(data: bytes) -> Parsed:
    """Raises `FileUnreadable` for a broken file and `FileTooLarge` for one that unpacks to too much."""
    try:
        _check_size(data)
        document = docx.Document(io.BytesIO(data))
        parsed = _read(document)
        title = _own_title(document)
    except _BROKEN as error:
        raise FileUnreadable("The Word file is broken. Open it, save it again and upload the copy.") from error
    return Parsed(parsed.title or title, parsed.blocks)


def _own_title(document: Document) -> str:
    """The title among the file's properties. For a file without any, python-docx makes some up."""
    package = document.part.package
    kept = {relation.reltype for relation in package.rels.values()} if package else set()
    return document.core_properties.title.strip() if RELATIONSHIP_TYPE.CORE_PROPERTIES in kept else ""


def _check_size(data: bytes) -> None:
    """The sizes a zip names are what python-docx unpacks at most: zipfile stops there."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    text = sum(entry.file_size for entry in entries if entry.filename.endswith(".xml"))
    if len(entries) > MAX_ENTRIES or text > MAX_XML or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise FileTooLarge("The Word file unpacks to far more than a document holds. Split it into several files.")


def _read(document: Document) -> Parsed:
    writer = BlockWriter()
    for in_list, parts in groupby(document.iter_inner_content(), key=_is_item):
        if in_list:
            items = [line for part in parts if isinstance(part, Paragraph) and (line := _item(part))]
            writer.add("\n".join(items), Kind.LIST)
            continue
        for part in parts:
            if isinstance(part, Table):
                writer.add(table_lines(list(_rows(part)), headed=_is_headed(part)), Kind.TABLE)
            else:
                _paragraph(writer, part)
    return writer.parsed()


def _paragraph(writer: BlockWriter, paragraph: Paragraph) -> None:
    style, text = _style(paragraph), paragraph.text.strip()
    if style == "title":
        writer.heading(1, text)
    elif match := _HEADING.match(style):
        writer.heading(int(match[1]) + 1, text)
    elif text and len(text) <= BOLD_LENGTH and all(run.bold for run in paragraph.runs if run.text.strip()):
        writer.heading(BOLD_LEVEL, text.rstrip(": "))
    else:
        writer.add(text)


def _style(paragraph: Paragraph) -> str:
    return (paragraph.style.name or "").lower() if paragraph.style else ""


def _is_item(part: Paragraph | Table) -> bool:
    if isinstance(part, Table) or _HEADING.match(_style(part)):
        return False
    properties = part._p.pPr
    return _style(part).startswith("list") or (properties is not None and properties.numPr is not None)


def _item(paragraph: Paragraph) -> str:
    properties = paragraph._p.pPr
    numbering = properties.numPr if properties is not None else None
    level = numbering.ilvl if numbering is not None else None  # type: ignore[attr-defined]
    depth = level.val if level is not None else 0
    text = " ".join(paragraph.text.split())
    return f"{'  ' * min(depth, 8)}- {text}" if text else ""


def _rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        # A cell that spans several columns is met once in each of them.
        yield [next(cells).text for _, cells in groupby(row.cells, key=lambda cell: cell._tc)]


def _is_headed(table: Table) -> bool:
    """Word does not mark header rows reliably: a first row of short, different texts over two rows or more is one."""
    first = next(_rows(table), [])
    return len(table.rows) > 2 and len(set(first)) == len(first) > 1 and all(0 < len(cell) <= 60 for cell in first)
