"""What is worth a line in the log."""

import logging

import pytest

from omnicqm.common.logs import RoutineFilter

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
