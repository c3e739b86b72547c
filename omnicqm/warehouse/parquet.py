"""Files of Apache Parquet. Needs pyarrow, which is installed by those who export (`pyproject.toml` says why)."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from pathlib import Path
from typing import Any

import pyarrow as arrow
from pyarrow.parquet import ParquetWriter

from omnicqm.warehouse.tables import AT_ONCE, Kind, Record

_INSTANT = arrow.timestamp("us", tz="UTC")
_INTERACTION = arrow.struct(
    {
        "id": arrow.string(),
        "at": _INSTANT,
        "channel": arrow.string(),
        "author": arrow.string(),
        "intent": arrow.string(),
        "text": arrow.string(),
        "reference": arrow.string(),
        "resolved": arrow.bool_(),
        "external_id": arrow.string(),
    }
)
_TYPES: Mapping[Kind, arrow.DataType] = {
    Kind.TEXT: arrow.string(),
    Kind.COUNT: arrow.int32(),
    Kind.FLAG: arrow.bool_(),
    Kind.DAY: arrow.date32(),
    Kind.INSTANT: _INSTANT,
    Kind.AMOUNT: arrow.decimal128(14, 8),
    Kind.JSON: arrow.string(),
    Kind.INTERACTIONS: arrow.list_(_INTERACTION),
}


def _interactions(events: list[Record]) -> list[Record]:
    return [{**event, "at": datetime.fromisoformat(event["at"])} for event in events]


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.DAY: date.fromisoformat,
    Kind.INSTANT: datetime.fromisoformat,
    Kind.AMOUNT: Decimal,
    Kind.JSON: json.dumps,
    Kind.INTERACTIONS: _interactions,
}


def parquet_schema(columns: Mapping[str, Kind]) -> arrow.Schema:
    """The Arrow schema of `columns`. `JSON` becomes text, instants are UTC in microseconds."""
    return arrow.schema([(name, _TYPES[kind]) for name, kind in columns.items()])


def parquet_write(path: Path, columns: Mapping[str, Kind], records: Iterable[Record]) -> int:
    """Write `records` to the file `path`; returns how many. Raises OSError."""
    schema, written = parquet_schema(columns), 0
    with ParquetWriter(path, schema, compression="zstd") as writer:
        for some in batched(records, AT_ONCE):
            rows = [_row(columns, record) for record in some]
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
            written += len(rows)
    return written


def _row(columns: Mapping[str, Kind], record: Record) -> Record:
    return {name: _value(kind, record[name]) for name, kind in columns.items()}


def _value(kind: Kind, value: Any) -> Any:
    return value if value is None or kind not in _READ else _READ[kind](value)
