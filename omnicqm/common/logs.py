"""Structured logs. Ids and timings only: no message text, no address, no secret."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from omnicqm.common.tracebacks import exception_write

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


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
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    exception_write,
                    renderer,
                ],
            }
        },
        "filters": {"routine": {"()": RoutineFilter, "tasks": list(routine)}, "task": {"()": TaskFilter}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["routine", "task"]}
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
        },
    }
