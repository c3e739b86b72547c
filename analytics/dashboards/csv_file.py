"""Tables as CSV files for spreadsheets."""

import csv
import io

from analytics.dashboards.tables import Column, Table

_UNITS = {"share": "0 to 1", "score": "0 to 1", "seconds": "s", "milliseconds": "ms", "usd": "USD"}
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_write(table: Table) -> str:
    """The table with its exact values. A text that a spreadsheet would take for a formula gets an apostrophe before
    it (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([csv_text(_title(column)) for column in table.columns])
    for row in table.rows:
        writer.writerow([csv_text(cell.raw) for cell in row])
    return out.getvalue()


def csv_text(value: object) -> str:
    """A value as a field: numbers in plain notation, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_STARTS_FORMULA) else value
    return format(value, "f") if not isinstance(value, int | float) else repr(value)


def _title(column: Column) -> str:
    unit = _UNITS.get(column.unit.value) if column.kind in ("value", "compare", "change") else None
    return f"{column.title} ({unit})" if unit and column.kind != "change" else column.title
