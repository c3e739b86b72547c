"""Which parser reads which format."""

from collections.abc import Callable

from knowledge.parsing.csv import csv_parse
from knowledge.parsing.docx import docx_parse
from knowledge.parsing.html import html_parse
from knowledge.parsing.markdown import markdown_parse, text_parse
from knowledge.parsing.pdf import pdf_parse
from knowledge.parsing.sniff import text_decode
from knowledge.parsing.types import Format, Parsed

_BINARY: dict[Format, Callable[[bytes], Parsed]] = {Format.PDF: pdf_parse, Format.DOCX: docx_parse}
_TEXTS: dict[Format, Callable[[str], Parsed]] = {
    Format.HTML: html_parse,
    Format.MARKDOWN: markdown_parse,
    Format.TEXT: text_parse,
    Format.CSV: csv_parse,
}


def is_text(content_type: Format) -> bool:
    return content_type in _TEXTS


def parse_here(data: bytes, content_type: Format) -> Parsed:
    """Parse in this process, without a limit on time or memory. Raises `FileUnreadable` or `FileTooLarge`."""
    if content_type in _BINARY:
        return _BINARY[content_type](data)
    return _TEXTS[content_type](text_decode(data))
