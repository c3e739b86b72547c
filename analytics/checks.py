"""Whether figures can be asked for. It asks the database, so only "manage.py check --database default" runs it."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from analytics.reporting.schema import REMEDY, ROLE, reader_exists


@register(Tags.database)
def reader_ready(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The role that reads the views; without it no figure is shown."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            if not reader_exists(cursor):
                found.append(
                    Error(f"The database has no role {ROLE} to read figures with.", hint=REMEDY, id="analytics.E001")
                )
    return found
