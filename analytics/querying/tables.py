"""An answer as a file for spreadsheets."""

import csv
import io

from analytics.catalogue.definition import Unit
from analytics.querying.results import Column, Result

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def result_csv(result: Result) -> str:
    """The rows as CSV with a line of titles (RFC 4180, CRLF). Numbers are written in full, without unit; what is in
    points says so in its title."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([text_disarm(_title(column)) for column in result.columns])
    for row in result.rows:
        writer.writerow([text_disarm(cell) if isinstance(cell, str) else cell for cell in result.cells(row)])
    return file.getvalue()


def text_disarm(value: str) -> str:
    """A text of somebody else's making as a field: one that a spreadsheet would take for a formula, spaces before it or
    not, gets an apostrophe in front (OWASP, CSV injection)."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def _title(column: Column) -> str:
    return f"{column.title} (points)" if column.unit == Unit.POINTS else column.title
