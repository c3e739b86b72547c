"""What a log tells of an insight, under fixed names: ids and timings. What the caller named is not among them, for an
account number is a person's, and an id of the caller's making may be anything.

MODEL_INVOKE_START, _SUCCESS and _TIMEOUT are told where models are asked (`conversations.insights.generation`).
"""

import time
from enum import StrEnum
from typing import Any

from omnicqm.common.logs import get_logger

log = get_logger(__name__)


class InsightEvent(StrEnum):
    REQUEST_RECEIVED = "REQUEST_RECEIVED"
    HISTORY_QUERY_START = "HISTORY_QUERY_START"
    HISTORY_QUERY_SUCCESS = "HISTORY_QUERY_SUCCESS"
    RESULT_STORED = "RESULT_STORED"


def insight_log(event: InsightEvent, *, since: float | None = None, **told: Any) -> None:
    """One line. `since`, a `time.monotonic()` instant, becomes ``ms``. The ids of the request come by themselves."""
    timed = {} if since is None else {"ms": milliseconds_since(since)}
    log.info(event.value, **timed, **told)


def milliseconds_since(instant: float) -> int:
    return round((time.monotonic() - instant) * 1000)
