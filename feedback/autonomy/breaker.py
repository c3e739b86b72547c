"""The breaker: takes a category from auto to draft when what was sent alone is judged too bad.

It reads the judgements of replies that went out alone, people's word before the judge's, within the window and since
the category was last taken back to auto by a person. It trips when the mean of accuracy or safety was below its bar in
two checks in a row, and forgets a miss only when both means are clear of their bars by a margin: a mean that wavers
about its bar neither trips and untrips nor is forgotten. Nothing but a person takes a category back.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from agents.policy import category_autonomy_set
from agents.selectors import category_settings
from agents.types import Autonomy
from feedback.models import AutonomyBreaker
from omnicqm.common.errors import InvalidInput
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)
ACTOR = "system:breaker"
MISSES = 2  # checks in a row
CLEAR_BY = 0.03

# Of each run sent alone the judgement that counts is shown first: a model's, then the latest; people's word goes first.
_JUDGED = """
SELECT avg(accuracy), avg(safety), count(*), count(accuracy) FROM (
  SELECT DISTINCT ON (j.run_id)
    coalesce(accuracy.value, j.accuracy) AS accuracy, coalesce(safety.value, j.safety) AS safety
  FROM feedback_judgement j
  JOIN agents_run r ON r.id = j.run_id AND r.category = %(category)s AND r.scope <> 'replay'
  LEFT JOIN feedback_overruling accuracy
    ON accuracy.judgement_id = j.id AND accuracy.is_current AND accuracy.aspect = 'accuracy'
  LEFT JOIN feedback_overruling safety
    ON safety.judgement_id = j.id AND safety.is_current AND safety.aspect = 'safety'
  WHERE j.state = 'judged' AND j.kind = 'reply' AND r.decision = 'auto_send' AND r.finished_at >= %(since)s
    AND j.judged_at >= %(since)s
  ORDER BY j.run_id, j.judge = 'model' DESC, j.created_at DESC
) judged"""


@dataclass(frozen=True)
class Measured:
    """Means from 0 to 1 of the judged replies that were sent alone; None where nothing was judged."""

    accuracy: float | None
    safety: float | None
    sample: int
    stated: int  # of the sample, those that state what could be checked: accuracy is their mean

    def is_below(self, breaker: AutonomyBreaker) -> bool:
        return self._short_of(breaker, 0.0)

    def is_clear(self, breaker: AutonomyBreaker) -> bool:
        return not self._short_of(breaker, CLEAR_BY)

    def _short_of(self, breaker: AutonomyBreaker, margin: float) -> bool:
        accuracy = self.accuracy if self.stated >= breaker.least_sample else None  # fewer tell nothing
        bars = ((accuracy, breaker.least_accuracy), (self.safety, breaker.least_safety))
        return any(value is not None and value < min(bar + margin, 1.0) for value, bar in bars)


def breakers_check(*, now: datetime | None = None) -> list[str]:
    """Measure every category that is on auto, and demote those that have earned it; their keys."""
    now = now or timezone.now()
    alone = [setting.key for setting in category_settings() if setting.autonomy is Autonomy.AUTO]
    return [key for key in alone if _check(key, now)]


@transaction.atomic
def _check(category: str, now: datetime) -> bool:
    AutonomyBreaker.objects.get_or_create(category=category, defaults={"since": _always()})
    breaker = AutonomyBreaker.objects.select_for_update().get(pk=category)
    measured = judged_measure(category, since=max(breaker.since, now - timedelta(days=breaker.window_days)))
    breaker.accuracy, breaker.safety, breaker.sample = measured.accuracy, measured.safety, measured.sample
    breaker.checked_at = now
    if measured.sample >= breaker.least_sample:
        breaker.misses = _misses(breaker, measured)
    trips = breaker.enabled and breaker.misses >= MISSES
    if trips:
        _trip(breaker, measured, now)
    breaker.save()
    return trips


def _misses(breaker: AutonomyBreaker, measured: Measured) -> int:
    if measured.is_below(breaker):
        return min(breaker.misses + 1, MISSES)
    return 0 if measured.is_clear(breaker) else breaker.misses


def _trip(breaker: AutonomyBreaker, measured: Measured, now: datetime) -> None:
    breaker.tripped_at, breaker.misses = now, 0
    figures = {"accuracy": measured.accuracy, "safety": measured.safety, "sample": measured.sample}
    bars = {"least_accuracy": breaker.least_accuracy, "least_safety": breaker.least_safety}
    category_autonomy_set(category=breaker.category, autonomy=Autonomy.DRAFT, actor=ACTOR, reason="breaker")
    audit_record(actor=ACTOR, action="breaker.tripped", obj=breaker, details={**figures, **bars})
    log.warning("autonomy_breaker_tripped", category=breaker.category, **figures)


def judged_measure(category: str, *, since: datetime) -> Measured:
    """What was sent alone in `category` since then, as it was judged."""
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, {"category": category, "since": since})
        accuracy, safety, sample, stated = cursor.fetchone()
    return Measured(accuracy, safety, sample, stated)


@transaction.atomic
def autonomy_choose(*, category: str, autonomy: str, actor: str) -> bool:
    """A person decides how much the agent may do alone in `category`; whether that is something new.

    On auto again its breaker is set, and what was sent before does not count any more. Raises `InvalidInput`.
    """
    changed = category_autonomy_set(category=category, autonomy=autonomy, actor=actor)
    if changed and autonomy == Autonomy.AUTO:
        breaker, _ = AutonomyBreaker.objects.get_or_create(category=category)
        breaker.since, breaker.misses, was = timezone.now(), 0, breaker.tripped_at
        breaker.tripped_at = None
        breaker.save()
        if was:
            audit_record(actor=actor, action="breaker.set", obj=breaker)
    elif changed:
        AutonomyBreaker.objects.filter(category=category).update(tripped_at=None, misses=0)
    return changed


def breakers_tripped() -> list[AutonomyBreaker]:
    """Categories that a breaker took to draft and nobody has decided about since."""
    return list(AutonomyBreaker.objects.exclude(tripped_at=None).order_by("tripped_at"))


def breakers_of(categories: Iterable[str]) -> dict[str, AutonomyBreaker]:
    """The breaker of each category; the defaults where there is no row."""
    rows = AutonomyBreaker.objects.in_bulk(list(categories))
    return {key: rows.get(key) or AutonomyBreaker(category=key) for key in categories}


@dataclass(frozen=True)
class Bars:
    """What a breaker demands; see `AutonomyBreaker`."""

    enabled: bool
    least_accuracy: float
    least_safety: float
    window_days: int
    least_sample: int


@transaction.atomic
def breaker_bars_set(*, category: str, bars: Bars, actor: str) -> AutonomyBreaker:
    """Watch `category` by these bars. Raises `InvalidInput` for a category there is none of."""
    if category not in {setting.key for setting in category_settings()}:
        raise InvalidInput(f"There is no category '{category}'.", param="category")
    breaker, _ = AutonomyBreaker.objects.get_or_create(category=category, defaults={"since": _always()})
    for name, value in asdict(bars).items():
        setattr(breaker, name, value)
    breaker.misses = 0
    breaker.save()
    audit_record(actor=actor, action="breaker.changed", obj=breaker, details=asdict(bars))
    return breaker


def _always() -> datetime:
    return timezone.now() - timedelta(days=90)
