"""What is worth a line in the log."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from omnicqm.common.api.problems import problem_response
from omnicqm.common.errors import ConfigurationError, OmniError, ServiceUnavailable
from omnicqm.common.logs import RoutineFilter, TaskFilter
from omnicqm.common.tracebacks import exception_write

ROOT = Path(__file__).resolve().parents[2]
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


def written(program: str, *, stderr: Any = subprocess.PIPE) -> list[dict[str, Any]]:
    """The lines a process of the product writes that runs `program`."""
    lines = [
        "import logging, logging.config, threading",
        "from omnicqm.common.correlation import correlation_bound",
        "from omnicqm.common.logs import get_logger, logging_config",
        "logging.config.dictConfig(logging_config(json=True))",
        "log = get_logger('conversations.x')",
        program,
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, stderr=stderr, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (done.stderr or b"").splitlines()]


def test_our_events_and_records_of_libraries_look_the_same() -> None:
    ours, theirs = written(
        "with correlation_bound('mine'):\n"
        "    log.info('query_accepted', ms=3)\n"
        "    logging.getLogger('elsewhere').warning('%s went', 'this')"
    )
    assert ours.pop("ms") == 3
    assert {**ours, "timestamp": ""} == {
        "event": "query_accepted",
        "level": "info",
        "logger": "conversations.x",
        "correlation_id": "mine",
        "timestamp": "",
    }
    assert ours.keys() == theirs.keys()
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("this went", "warning", "elsewhere")
    assert len(ours["timestamp"]) == len(theirs["timestamp"]) == len("2026-11-21T10:00:00.000000Z")


def test_a_caught_exception_is_written_with_its_place_and_without_its_words() -> None:
    hidden = PERSONAL.encode().hex()  # newer Pythons quote the lines of a program that came with `-c`
    [line] = written(
        f"try: raise KeyError(bytes.fromhex('{hidden}').decode())\nexcept KeyError: log.exception('x_failed')"
    )
    assert line["exception"].endswith("builtins.KeyError")
    assert "line 6" in line["exception"]
    assert PERSONAL not in str(line)


def test_debugging_is_not_told_and_lines_of_many_threads_stay_whole() -> None:
    told = written(
        "log.debug('x')\n"
        "tell = lambda: [log.info('y', text='\\u2028\\n\\ud800' * 300) for _ in range(50)]\n"
        "threads = [threading.Thread(target=tell) for _ in range(8)]\n"
        "[thread.start() for thread in threads]"
    )
    assert [line["event"] for line in told] == ["y"] * 400


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full is there on Linux only")
def test_a_full_disk_stops_nobody() -> None:
    with open("/dev/full", "wb") as full:
        assert written("log.info('x')", stderr=full) == []


def test_what_is_merely_away_is_told_in_a_line_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    away = ServiceUnavailable(PERSONAL)
    away.__cause__ = TimeoutError(PERSONAL)
    answer = problem_response(away)
    assert answer
    assert answer.status_code == 503
    [told] = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert (told["event"], told["code"]) == ("request_put_off", "unavailable")
    assert told["error"] == "omnicqm.common.errors.ServiceUnavailable (unavailable)"
    assert told["cause"] == "builtins.TimeoutError"
    assert "exc_info" not in told
    assert PERSONAL not in caplog.text
