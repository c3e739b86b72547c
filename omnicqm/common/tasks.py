"""Wake a worker by a task's registered name, so that services and tasks never import each other."""

from typing import Any

from celery import current_app
from celery.exceptions import TimeoutError as CeleryTimeoutError
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from omnicqm.common.errors import ServiceUnavailable
from omnicqm.common.logs import get_logger

log = get_logger(__name__)


def task_enqueue(name: str, *args: Any, countdown: float = 0) -> None:
    """Send the task `name` with JSON-able `args` once the current transaction has committed (at once without one), to
    be run `countdown` seconds later.

    The broker only wakes workers: should it be down, the row of pending work is found by the sweep, so an error here
    is logged and swallowed.
    """
    transaction.on_commit(lambda: _send(name, args, countdown))


def _send(name: str, args: tuple[Any, ...], countdown: float) -> None:
    # `signature` honours eager mode, which `send_task` ignores.
    try:
        # Without `ignore_result` the result backend would be asked too, and waited for when it is down.
        current_app.signature(name, args=args).apply_async(retry=False, ignore_result=True, countdown=countdown)
    except OperationalError as error:
        log.warning("task_not_sent", task=name, error=type(error).__name__)


def task_call(name: str, *args: Any, timeout: float) -> Any:
    """Run the task `name` on a worker now and return its JSON result.

    For what only workers can do, such as embedding: the web processes load no model. Raises `ServiceUnavailable` when
    no worker answers within `timeout` seconds. An `OmniError` of the task comes through as it was raised.
    """
    try:
        result = current_app.signature(name, args=args).apply_async(ignore_result=False, retry=False, expires=timeout)
        return result.get(timeout=timeout)
    except (CeleryTimeoutError, OperationalError, RedisError, RuntimeError) as error:
        # RuntimeError is how Celery says that its result store stayed away.
        raise ServiceUnavailable("No worker answered in time. Try again in a moment.") from error
