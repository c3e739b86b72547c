"""Exceptions for the log: where and of what kind, without their words, which may quote a customer."""

import sys
import traceback
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from omnicqm.common.errors import ConfigurationError, OmniError

# They speak of settings, code and connections, never of what somebody wrote.
_SPEAKS_OF_US = (ConfigurationError, ImproperlyConfigured, ImportError, NameError, AttributeError)
_SPEAKS_OF_US += (OperationalError, InterfaceError)  # type: ignore[assignment]


def exception_write(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: ``exc_info`` becomes ``exception``, lines of code and types."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exception() if info is True else info
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error))
    return event


def _told(error: BaseException) -> Iterator[str]:
    """What led to `error` first, as Python tells it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
    yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__))
    yield exception_name(error)


def exception_name(error: BaseException) -> str:
    """Its type, and its code or those of its words that cannot be personal."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _SPEAKS_OF_US):
        return f"{name}: {error}"
    return f"{name} ({error.code})" if isinstance(error, OmniError) else name
