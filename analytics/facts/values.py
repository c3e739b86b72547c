"""Which values the dimensions take: kept beside the facts, a few hundred rows."""

from typing import Any

from django.db import connection

from analytics.catalogue.dimensions import DIMENSIONS

MOST = 500  # of one dimension; a label that other systems make up must not fill the table
_NEW = """
INSERT INTO analytics_dimensionvalue (dimension, value)
SELECT %s, value FROM (SELECT DISTINCT left({column}::text, 200) AS value FROM {table} {where}) found
WHERE value IS NOT NULL AND (SELECT count(*) FROM analytics_dimensionvalue WHERE dimension = %s) < {most}
LIMIT {most} ON CONFLICT DO NOTHING"""


def values_note(changed: dict[str, list[str]] | None) -> None:
    """Add the values of the facts with these keys, by table; of all facts when None."""
    with connection.cursor() as cursor:
        for dimension in DIMENSIONS.values():
            for table, key in dimension.kept_in:
                ids = None if changed is None else changed.get(table)
                if ids == []:
                    continue
                where = "" if ids is None else f"WHERE {key} = ANY(%s)"
                sql = _NEW.format(column=dimension.column, table=table, where=where, most=MOST)
                given: list[Any] = [dimension.name, *([ids] if ids is not None else []), dimension.name]
                cursor.execute(sql, given)


def values_forget(*names: str) -> None:
    """Forget values that no fact has any more; of all dimensions unless some are named."""
    with connection.cursor() as cursor:
        for dimension in DIMENSIONS.values():
            if not dimension.kept_in or (names and dimension.name not in names):
                continue
            gone = " AND ".join(
                f"NOT EXISTS (SELECT FROM {table} fact WHERE left(fact.{dimension.column}::text, 200) = kept.value)"
                for table, _ in dimension.kept_in
            )
            cursor.execute(
                f"DELETE FROM analytics_dimensionvalue kept WHERE dimension = %s AND {gone}", [dimension.name]
            )
