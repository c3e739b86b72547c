"""One way in for every format."""

from knowledge.errors import FileUnreadable
from knowledge.parsing.formats import is_text, parse_here
from knowledge.parsing.sandbox import parse_apart
from knowledge.parsing.types import Format, Parsed

SMALL = 256 * 1024  # bytes: so much text cannot keep any of our parsers busy for long


def file_parse(data: bytes, content_type: Format) -> Parsed:
    """The blocks of a file of a known format.

    Raises `FileUnreadable` or `FileTooLarge`, whose message says in one sentence what is wrong and what to do.
    """
    here = is_text(content_type) and len(data) <= SMALL
    parsed = parse_here(data, content_type) if here else parse_apart(data, content_type)
    if not parsed.blocks:
        raise FileUnreadable("The file holds no text.")
    return parsed
