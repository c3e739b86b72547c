"""The correlation id of what is being done now: one per HTTP request, in every log line and audit event it causes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

from omnicqm.common.ids import new_id

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def correlation_get() -> str:
    """The current id; empty outside of a request."""
    return str(get_contextvars().get("correlation_id", ""))


@contextmanager
def correlation_bound(wanted: str = "") -> Iterator[str]:
    """Give the block a correlation id: `wanted` when it is short and harmless, else a new one."""
    value = wanted if _SANE.fullmatch(wanted) else new_id("req")
    with bound_contextvars(correlation_id=value):
        yield value
