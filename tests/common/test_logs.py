"""What is worth a line in the log."""

import logging

import pytest

from omnicqm.common.errors import ConfigurationError, OmniError
from omnicqm.common.logs import RoutineFilter, TaskFilter
from omnicqm.common.tracebacks import exception_write

SWEEP = {"name": "conversations.queries_sweep", "id": "1"}


def record(level: int, about: object) -> logging.LogRecord:
    return logging.LogRecord("celery.app.trace", level, "", 0, "Task %(name)s[%(id)s] succeeded", (about,), None)


@pytest.mark.parametrize(
    ("level", "about", "told"),
    [
        (logging.INFO, SWEEP, False),
        (logging.ERROR, SWEEP, True),
        (logging.INFO, {"name": "conversations.query_work", "id": "2"}, True),
        (logging.INFO, "text", True),
    ],
)
def test_of_a_routine_task_only_what_goes_wrong_is_told(level: int, about: object, told: bool) -> None:
    assert RoutineFilter(["conversations.queries_sweep"]).filter(record(level, about)) is told


PERSONAL = "efua@example.com"


def logged(error: Exception) -> str:
    try:
        try:
            raise ValueError(PERSONAL)
        except ValueError as cause:
            raise error from cause
    except Exception as caught:
        return str(exception_write(None, "", {"event": "run_failed", "exc_info": caught})["exception"])


@pytest.mark.parametrize("error", [OmniError(PERSONAL), KeyError(PERSONAL)])
def test_an_exception_tells_where_and_of_what_kind_and_not_in_its_words(error: Exception) -> None:
    told = logged(error)
    assert PERSONAL not in told
    assert "test_logs.py" in told
    assert "builtins.ValueError" in told
    assert type(error).__name__ in told.splitlines()[-1]


def test_a_task_tells_how_it_ended_and_not_what_it_made() -> None:
    said = record(logging.ERROR, {"name": "x", "exc": f"ValueError('{PERSONAL}')", "return_value": PERSONAL})
    assert TaskFilter().filter(said)
    assert said.args == {"name": "x", "exc": "ValueError", "return_value": "…"}


def test_what_an_operator_has_to_mend_is_told_in_words() -> None:
    assert logged(ConfigurationError("AWS_REGION is not set.")).endswith("AWS_REGION is not set.")
