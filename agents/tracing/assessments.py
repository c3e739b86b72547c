"""What was said of a run afterwards, by whoever is on the right of this app: a judge, a customer, a consultant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class TraceAssessment:
    """One word about a run. `source_id` names who said it: a judge's version, a role; never a customer or an address.

    One with `started_at` and `ended_at` also becomes a span of the trace, which shows `details` (texts and numbers).
    """

    name: str
    value: float | bool | str
    source: Literal["HUMAN", "LLM_JUDGE", "CODE"]
    source_id: str
    rationale: str = ""
    at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    details: Mapping[str, str | int | float] = field(default_factory=dict)


def assessments_of(run_id: str) -> list[TraceAssessment]:
    """What all of ``settings.TRACE_ASSESSORS`` know of the run: functions that take its id and return
    `TraceAssessment`s. Whoever learns something new calls `agents.services.trace_renew` with the id."""
    found: list[TraceAssessment] = []
    for name in settings.TRACE_ASSESSORS:
        told: Iterable[TraceAssessment] = import_string(name)(run_id)
        found += told
    return found
