"""Tables as CSV files for spreadsheets."""

import csv
import io

from analytics.catalogue.definition import Unit
from analytics.dashboards.tables import Column, Table
from analytics.querying.tables import text_disarm

_UNITS = {
    Unit.SHARE: "0 to 1", Unit.SCORE: "0 to 1", Unit.SECONDS: "s", Unit.MILLISECONDS: "ms", Unit.USD: "USD",
    Unit.POINTS: "points",
}  # fmt: skip


def csv_write(table: Table) -> str:
    """The table with its exact values."""
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
        return text_disarm(value)
    return format(value, "f") if not isinstance(value, int | float) else repr(value)


def _title(column: Column) -> str:
    unit = _UNITS.get(column.unit) if column.kind in ("value", "compare", "change") else None
    is_plain = column.kind == "change" and column.unit is Unit.SHARE  # 0.2 is a fifth more
    return f"{column.title} ({unit})" if unit and not is_plain else column.title
