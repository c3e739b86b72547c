"""What alerts watch: each signal says how it is measured, in what unit, and where its bars stand at first.

Everything is asked of the left apps' selectors, the ledger and the catalogue; nothing here writes. `summary_miss_rate`
and `alpha_drop` are read from the catalogue; the others count what happened in their window.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from agents.budgets import budgets_used
from agents.selectors import runs_counted
from analytics.alerts.shares import share_of
from conversations.escalations.selectors import escalations_overdue
from conversations.insights.selectors import insights_counted
from feedback.autonomy.breaker import breakers_tripped
from omnicqm.common.models import Attempt

BASELINE = timedelta(days=7)  # what α of the window is held against: the days before it


@dataclass(frozen=True)
class Window:
    """The time a measurement looks at."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Reading:
    """One measurement: the value in the signal's unit, of how many cases, and what a person reads. Higher is worse."""

    value: float
    sample: int
    words: str


@dataclass(frozen=True)
class Signal:
    """`defaults` are the fields of a new `AlertRule`."""

    title: str
    unit: str
    about: str
    measure: Callable[[Window], Reading]
    defaults: Mapping[str, float | int]


def failure_rate(window: Window) -> Reading:
    """Percent of the runs that ended in the window which failed."""
    ended, failed = runs_counted(since=window.since, until=window.until)
    return Reading(_percent(failed, ended), ended, f"{failed} of {ended} runs failed.")


def model_timeouts(window: Window) -> Reading:
    """Calls of models that did not answer in time."""
    calls = Attempt.objects.filter(at__gte=window.since, at__lt=window.until)
    timeouts = calls.filter(outcome=Attempt.Outcome.TIMEOUT).count()
    return Reading(timeouts, timeouts, f"{timeouts} calls of models ran out of time.")


def summary_miss_rate(window: Window) -> Reading:
    """Percent of the ratings of the summaries told on the days of the window that say they did not help."""
    missed = share_of("summary_miss_rate", timezone.localdate(window.since), timezone.localdate(window.until))
    words = f"{missed.percent:.1f} % of {missed.sample} ratings say that the summary did not help."
    return Reading(missed.percent, missed.sample, words)


def empty_summary_rate(window: Window) -> Reading:
    """Percent of the insights asked for that had nothing to tell."""
    asked, empty = insights_counted(since=window.since, until=window.until)
    return Reading(_percent(empty, asked), asked, f"{empty} of {asked} summaries asked for had nothing to tell.")


def alpha_drop(window: Window) -> Reading:
    """By how many points α of the days of the window lies below that of the seven days before them."""
    first, last = timezone.localdate(window.since), timezone.localdate(window.until)
    now, before = share_of("alpha", first, last), share_of("alpha", first - BASELINE, first - timedelta(days=1))
    words = f"α is {now.percent:.1f} %, and was {before.percent:.1f} % in the 7 days before."
    return Reading(max(0.0, before.percent - now.percent), min(now.sample, before.sample), words)


def overdue_queue(window: Window) -> Reading:
    """Escalations that wait past their due time, now."""
    overdue, oldest = escalations_overdue()
    late = f" The longest for {_hours(window.until - oldest)}." if oldest else ""
    return Reading(overdue, overdue, f"{overdue} escalations wait past their due time.{late}")


def budget_used(window: Window) -> Reading:
    """Percent of the day's budget that is spent, of the budget used up most."""
    used = budgets_used()
    if not used:
        return Reading(0, 0, "There is no budget.")
    scope, percent = max(used, key=lambda one: one[1])
    return Reading(percent, len(used), f"{percent:.0f} % of the day's budget for {scope or 'everything'} is spent.")


def autonomy_demoted(window: Window) -> Reading:
    """Categories that a breaker took from auto to draft and nobody has decided about since."""
    tripped = [breaker.category for breaker in breakers_tripped()]
    named = f": {', '.join(tripped)}" if tripped else ""
    return Reading(len(tripped), len(tripped), f"{len(tripped)} categories were taken from auto to draft{named}.")


SIGNALS: Mapping[str, Signal] = {
    "failure_rate": Signal(
        "Failure rate",
        "%",
        "Runs that failed, of all that ended",
        failure_rate,
        {"threshold": 5, "clear_below": 3, "window_minutes": 15, "least_sample": 20},
    ),
    "model_timeouts": Signal(
        "Model timeouts",
        "",
        "Calls of models that did not answer in time",
        model_timeouts,
        {"threshold": 10, "clear_below": 5, "window_minutes": 5, "least_sample": 0, "hits": 1, "of_last": 1},
    ),
    "summary_miss_rate": Signal(
        "Summary miss rate",
        "%",
        "Ratings of summaries that say 'not helpful', of all",
        summary_miss_rate,
        {"threshold": 20, "clear_below": 15, "window_minutes": 1440, "least_sample": 20},
    ),
    "empty_summary_rate": Signal(
        "Summaries without history",
        "%",
        "Insights asked for that had nothing to tell",
        empty_summary_rate,
        {"threshold": 20, "clear_below": 15, "window_minutes": 60, "least_sample": 20},
    ),
    "alpha_drop": Signal(
        "Drop of α",
        "points",
        "How far α lies below the seven days before",
        alpha_drop,
        {"threshold": 10, "clear_below": 5, "window_minutes": 1440, "least_sample": 50},
    ),
    "overdue_queue": Signal(
        "Overdue queue",
        "",
        "Escalations past their due time",
        overdue_queue,
        {"threshold": 5, "clear_below": 3, "window_minutes": 1, "least_sample": 0},
    ),
    "budget_used": Signal(
        "Budget",
        "%",
        "Spent of today's budget, of the one used up most",
        budget_used,
        {"threshold": 80, "clear_below": 75, "window_minutes": 1440, "least_sample": 0, "hits": 1, "of_last": 1},
    ),
    "autonomy_demoted": Signal(
        "Autonomy taken back",
        "",
        "Categories a breaker took from auto to draft",
        autonomy_demoted,
        {"threshold": 0.5, "clear_below": 0.5, "window_minutes": 1, "least_sample": 0, "hits": 1, "of_last": 1},
    ),
}


def title_of(key: str) -> str:
    """What the rule `key` is called; one of an earlier release, which is watched no more, by its key."""
    return SIGNALS[key].title if key in SIGNALS else key


def unit_of(key: str) -> str:
    """The unit of the rule `key`, empty for a plain number and for one that is watched no more."""
    return SIGNALS[key].unit if key in SIGNALS else ""


def figure(value: float, unit: str) -> str:
    """``7.5 %``, ``12``, ``10 points``."""
    number = f"{value:.1f}".rstrip("0").rstrip(".")
    return f"{number} {unit}".strip()


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _hours(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
