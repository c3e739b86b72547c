"""Whether the database answers, asked directly: the pool of a process would wait and complain before it gives up."""

import re
from contextlib import closing

import psycopg
from psycopg.conninfo import conninfo_to_dict

from omnicqm.common.errors import ServiceUnavailable

SECONDS = 5
# Of "connection to server at …, port 1 failed: Connection refused", "… failed: FATAL:  password authentication failed"
_BEFORE_REASON = re.compile(r".*(?: failed: |FATAL: +|\[Errno [^]]*\] )")


def database_check(url: str, *, remedy: str) -> None:
    """Raises `ServiceUnavailable` when the PostgreSQL at `url` takes no connection. It names host and port, the reason
    in the server's or the system's words, and the `remedy`, a sentence."""
    if not url:
        raise ServiceUnavailable(f"There is no database yet. {remedy}")
    try:
        with closing(psycopg.connect(url, connect_timeout=SECONDS)):
            pass
    except psycopg.OperationalError as error:
        raise ServiceUnavailable(
            f"The database at {_place(url)} does not answer: {_reason(error)}. {remedy}"
        ) from error


def _place(url: str) -> str:
    parts = conninfo_to_dict(url)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"


def _reason(error: psycopg.OperationalError) -> str:
    return _BEFORE_REASON.sub("", str(error).partition("\n")[0]).rstrip(".")
