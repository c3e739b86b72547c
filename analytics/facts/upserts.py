"""How rows of a fact table are written: one statement for a set of ids, which leaves rows alone that say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


def seconds(interval: str) -> str:
    """SQL of the length of `interval`; 0 where clocks disagreed, NULL where one of its ends is missing."""
    return f"CASE WHEN {interval} < interval '0' THEN 0 ELSE extract(epoch FROM {interval})::float8 END"


@dataclass(frozen=True)
class Upsert:
    """`columns` (name → SQL expression) selected by `source` (from FROM on), which restricts itself to ``%(ids)s``.

    `begin` is what precedes the SELECT: common table expressions.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    source: str
    begin: str = ""

    @property
    def sql(self) -> str:
        names = ", ".join(self.columns)
        values = ",\n  ".join(self.columns.values())
        others = [name for name in self.columns if name != self.key]
        new = ", ".join(f"EXCLUDED.{name}" for name in others)
        old = ", ".join(f"fact.{name}" for name in others)
        return (
            f"{self.begin}\nINSERT INTO {self.table} AS fact ({names}, is_demo)\n"
            f"SELECT {values},\n  false\n{self.source}\n"
            f"ON CONFLICT ({self.key}) DO UPDATE SET ({', '.join(others)}) = ROW({new})\n"
            f"WHERE ROW({old}) IS DISTINCT FROM ROW({new})"
        )

    def run(self, ids: Sequence[str], **values: Any) -> int:
        """How many rows are new or say something else now."""
        if not ids:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(self.sql, {"ids": list(ids), **values})
            return int(cursor.rowcount)
