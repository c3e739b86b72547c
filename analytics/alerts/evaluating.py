"""Evaluating the rules: measured, held against two bars, and what follows, in one transaction for each rule.

A rule fires when `hits` of its last `of_last` evaluations were bad, and ends when as many in a row were good. Between
the bars nothing changes, and with too few cases nothing is concluded: what fired stays, what did not stays quiet.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from analytics.alerts.notices import notices_make
from analytics.alerts.signals import SIGNALS, Reading, Window
from analytics.models import Alert, AlertNotice, AlertRule, AlertState
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
UNWATCHED = timedelta(hours=1)
TOO_SOON = timedelta(seconds=10)  # two tasks that were woken together are one evaluation
BAD, GOOD, BETWEEN, UNKNOWN = "+-=?"


def rules_ensure() -> None:
    """Make the rules and states that are missing; what an admin has changed stays."""
    AlertRule.objects.bulk_create(
        [AlertRule(key=key, **signal.defaults) for key, signal in SIGNALS.items()], ignore_conflicts=True
    )
    AlertState.objects.bulk_create([AlertState(rule_id=key) for key in SIGNALS], ignore_conflicts=True)


def alerts_evaluate(*, now: datetime | None = None) -> int:
    """Evaluate every rule; returns how many alerts fired or ended. What cannot be measured stops no other rule."""
    at = now or timezone.now()
    rules_ensure()
    rules = AlertRule.objects.filter(key__in=list(SIGNALS))
    return _lost_resolve(at) + sum(_evaluate(rule, at) for rule in rules)


@transaction.atomic
def _lost_resolve(now: datetime) -> int:
    """End what fires for a rule of an earlier release that nobody has measured for a while: it would never end. While
    releases change, a rule that is not known here may be one of the next."""
    unwatched = AlertRule.objects.exclude(key__in=list(SIGNALS)).exclude(state__evaluated_at__gt=now - UNWATCHED)
    lost = Alert.objects.select_for_update(skip_locked=True).filter(resolved_at=None, rule__in=unwatched)
    return sum(_resolve(alert, now) for alert in lost)


def _evaluate(rule: AlertRule, now: datetime) -> bool:
    reading, error = None, ""
    if rule.enabled:
        try:
            reading = SIGNALS[rule.key].measure(Window(now - timedelta(minutes=rule.window_minutes), now))
        except (DatabaseError, ArithmeticError, OmniError) as problem:
            log.exception("alert_not_measured", rule=rule.key)
            error = type(problem).__name__
    with transaction.atomic():
        return _conclude(rule, reading, error, now)


def _conclude(rule: AlertRule, reading: Reading | None, error: str, now: datetime) -> bool:
    state = AlertState.objects.select_for_update(skip_locked=True).filter(rule=rule).first()
    if state is None or (state.evaluated_at and now - state.evaluated_at < TOO_SOON):
        return False
    _note(state, rule, reading, error, now)
    current = Alert.objects.filter(rule=rule, resolved_at=None).first()
    if current is None:
        return reading is not None and _fire(rule, state, reading, now)
    if reading is not None and reading.value > current.worst:
        current.worst = reading.value
        current.save(update_fields=["worst"])
    return (not rule.enabled or _is_over(rule, state)) and _resolve(current, now)


def _note(state: AlertState, rule: AlertRule, reading: Reading | None, error: str, now: datetime) -> None:
    mark = _mark(rule, reading)
    known = reading is not None and mark != UNKNOWN
    state.evaluated_at, state.error = now, error
    state.value = reading.value if reading and known else None
    state.sample, state.words = (reading.sample, reading.words[:300]) if reading else (0, "")
    state.recent = f"{state.recent}{mark}"[-max(rule.of_last, rule.hits) :] if rule.enabled else ""
    state.save()


def _mark(rule: AlertRule, reading: Reading | None) -> str:
    if reading is None or reading.sample < rule.least_sample:
        return UNKNOWN
    if reading.value > rule.threshold:
        return BAD
    return GOOD if reading.value < rule.clear_below else BETWEEN


def _is_over(rule: AlertRule, state: AlertState) -> bool:
    return state.recent.endswith(GOOD * rule.hits)


def _fire(rule: AlertRule, state: AlertState, reading: Reading, now: datetime) -> bool:
    # The newest one must be bad too: what has passed meanwhile is no alert any more.
    if not state.recent.endswith(BAD) or state.recent.count(BAD) < rule.hits:
        return False
    measured = asdict(reading) | {"worst": reading.value}
    alert = Alert.objects.create(rule=rule, fired_at=now, threshold=rule.threshold, **measured)
    notices_make(alert=alert, transition=AlertNotice.Transition.FIRED)
    log.warning("alert_fired", rule=rule.key, value=reading.value, threshold=rule.threshold)
    return True


def _resolve(alert: Alert, now: datetime) -> bool:
    alert.resolved_at = now
    alert.save(update_fields=["resolved_at"])
    notices_make(alert=alert, transition=AlertNotice.Transition.RESOLVED)
    log.info("alert_resolved", rule=alert.rule_id)
    return True
