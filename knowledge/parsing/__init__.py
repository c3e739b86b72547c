"""Files into blocks of text under their headings."""

from knowledge.parsing.reader import file_parse
from knowledge.parsing.records import Record, records_parse
from knowledge.parsing.sniff import SUFFIXES, format_sniff, text_decode, text_sniff
from knowledge.parsing.types import MAX_BYTES, Block, Format, Kind, Parsed

__all__ = [
    "MAX_BYTES",
    "SUFFIXES",
    "Block",
    "Format",
    "Kind",
    "Parsed",
    "Record",
    "file_parse",
    "format_sniff",
    "records_parse",
    "text_decode",
    "text_sniff",
]
