"""CSV with a header row: every row becomes one line that can be read alone."""

import csv
import io

from knowledge.errors import FileUnreadable
from knowledge.parsing.types import BlockWriter, Kind, Parsed, table_lines

_SAMPLE = 16_384  # characters the dialect is guessed from


def csv_parse(text: str) -> Parsed:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:_SAMPLE], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if any(row)]
    except csv.Error as error:
        raise FileUnreadable(f"The CSV file cannot be read: {error}.") from error
    writer = BlockWriter()
    writer.add(table_lines(rows, headed=True), Kind.TABLE)
    return writer.parsed()
