"""Connections to the database that others wait for."""

from django.db import connection


def connection_release() -> None:
    """Give this thread's connection back to the pool before a long wait. The next query takes one again.

    Inside a transaction, and where there is no pool, it stays.
    """
    is_pooled = getattr(connection, "pool", None) is not None
    if is_pooled and connection.connection is not None and not connection.in_atomic_block:
        connection.close()
