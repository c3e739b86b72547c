"""Reading the views, as somebody who can do nothing else."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection, transaction

from analytics.reporting.schema import REMEDY, ROLE, SCHEMA
from omnicqm.common.errors import ServiceUnavailable

TIMEOUT_MS = 5_000
_BEGIN = (
    f"SET LOCAL statement_timeout = {TIMEOUT_MS}",
    "SET LOCAL transaction_read_only = on",
    f"SET LOCAL search_path = {SCHEMA}",
    "SET LOCAL work_mem = '64MB'",  # percentiles sort some hundred thousand rows: on disk that takes many times as long
    "SET LOCAL jit = off",  # compiling takes longer than most questions
    f"SET LOCAL ROLE {ROLE}",  # the last one: the role itself may do less
)


@transaction.atomic
def rows_read(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one SELECT over `reporting`; `values` are bound by the server, which takes one statement at a time.

    Raises `ServiceUnavailable` when it takes longer than five seconds or when there is no role to read with. Whatever
    the transaction was set to ends with this call.
    """
    connection.ensure_connection()
    transaction.set_rollback(True)  # nothing to keep; inside another transaction it puts role and modes back
    try:
        with psycopg.Cursor(connection.connection) as cursor:  # Django's own puts values into the text
            for statement in _BEGIN:
                cursor.execute(statement)
            return cursor.execute(sql, values, prepare=False).fetchall()
    except psycopg.errors.QueryCanceled as error:
        raise ServiceUnavailable("The question takes too long. Ask for a shorter period or a coarser grain.") from error
    except (psycopg.errors.UndefinedObject, psycopg.errors.InvalidParameterValue) as error:
        raise ServiceUnavailable(f"The database has no role {ROLE} to read with. {REMEDY}") from error
