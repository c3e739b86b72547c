"""Structured logs. Ids and timings only: no message text, no address, no secret.

Our own events are written straight to stderr, one line each, for a request makes several; records of libraries come
through `logging` and look the same.
"""

import logging
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from json import JSONEncoder
from typing import Any

import structlog

from omnicqm.common.tracebacks import exception_write

_STDERR = 2
_writing = threading.Lock()


class Lines:
    """Where the events of the logger `name` go: whole lines to the process's stderr, which other threads share.

    A log that cannot be written, on a full disk for example, stops nobody.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def msg(self, line: str) -> None:
        with suppress(OSError), _writing:  # a pipe may mix long lines
            os.write(_STDERR, f"{line}\n".encode("utf-8", "backslashreplace"))

    debug = info = warning = error = critical = msg


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_encode = JSONEncoder(default=repr).encode


def _as_json(_: Any, __: str, event: dict[str, Any]) -> str:
    return _encode(event)


def get_logger(name: str) -> Any:
    """A logger whose events are ``log.info("query_accepted", request_id=…)``."""
    return structlog.get_logger(name)


class RoutineFilter(logging.Filter):
    """Keeps Celery from telling that one of `tasks` came in and went well, which they do every few seconds."""

    def __init__(self, tasks: Iterable[str]) -> None:
        super().__init__()
        self._tasks = frozenset(tasks)

    def filter(self, record: logging.LogRecord) -> bool:
        about = record.args.get("name") if isinstance(record.args, Mapping) else None
        return record.levelno > logging.INFO or about not in self._tasks


class TaskFilter(logging.Filter):
    """Takes what a task returned, or the words of what it raised, out of Celery's records: both may be personal."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):
            hidden = {"exc": str(record.args.get("exc", "")).partition("(")[0], "return_value": "…"}
            told = {name: hidden.get(name, value) for name, value in record.args.items()}
            record.args = told
        return True


def logging_config(*, json: bool, routine: Iterable[str] = ()) -> dict[str, Any]:
    """Django's LOGGING: one line an event on stderr, as JSON or for reading.

    Of `routine`, names of tasks, only what goes wrong is told.
    """
    render: list[Any] = [exception_write, _as_json if json else structlog.dev.ConsoleRenderer(colors=False)]
    structlog.configure(
        processors=[*_SHARED, *render],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            }
        },
        "filters": {"routine": {"()": RoutineFilter, "tasks": list(routine)}, "task": {"()": TaskFilter}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["routine", "task"]}
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "uvicorn": {"level": "ERROR"},  # it warns of every request that makes no sense
            "axes": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
            "mlflow": {"level": "WARNING"},
        },
    }
