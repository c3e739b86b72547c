"""The table of an answer as a CSV file for spreadsheets."""

import csv
import io

from analytics.querying import Result

_UNITS = {"share": "0 to 1", "score": "0 to 1", "seconds": "s", "milliseconds": "ms", "usd": "USD"}
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def csv_make(result: Result) -> str:
    """Exact values. A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([field_make(_title(column.title, column.unit)) for column in result.columns])
    for row in result.rows:
        writer.writerow([field_make(cell) for cell in result.cells(row)])
    return out.getvalue()


def field_make(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" ").startswith(_FORMULAS) else value
    return repr(value)


def _title(title: str, unit: str) -> str:
    return f"{title} ({_UNITS[unit]})" if unit in _UNITS else title
