"""Which parser reads which format. Parsers are loaded on first use: pypdf alone takes a third of a second."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from knowledge.parsing.sniff import text_decode
from knowledge.parsing.types import Format, Parsed, length_check

_BINARY = {Format.PDF: "pdf.pdf_parse", Format.DOCX: "docx.docx_parse"}
_TEXTS = {
    Format.HTML: "html.html_parse",
    Format.MARKDOWN: "markdown.markdown_parse",
    Format.TEXT: "markdown.text_parse",
    Format.CSV: "csv.csv_parse",
}


def is_text(content_type: Format) -> bool:
    return content_type in _TEXTS


def parse_here(data: bytes, content_type: Format) -> Parsed:
    """Parse in this process, without a limit on time or memory. Raises `FileUnreadable` or `FileTooLarge`."""
    if content_type in _TEXTS:
        text = text_decode(data)
        if content_type is not Format.HTML:  # much of a page is not its text
            length_check(len(text))
        return _parser(_TEXTS[content_type])(text)
    return _parser(_BINARY[content_type])(data)


def _parser(name: str) -> Callable[[Any], Parsed]:
    module, function = name.split(".")
    return cast(Callable[[Any], Parsed], getattr(import_module(f"knowledge.parsing.{module}"), function))
