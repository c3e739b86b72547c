"""An answer as a file for spreadsheets."""

import csv
import io

from analytics.querying.results import Result

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def result_csv(result: Result) -> str:
    """The rows as CSV with a line of titles (RFC 4180, CRLF). Numbers are written in full, without unit.

    Labels come from elsewhere: one that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([_text(column.title) for column in result.columns])
    for row in result.rows:
        writer.writerow([_text(cell) if isinstance(cell, str) else cell for cell in result.cells(row)])
    return file.getvalue()


def _text(value: str) -> str:
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
