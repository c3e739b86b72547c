"""Moments in words, as lists and pages show them."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil


def ago(moment: datetime) -> str:
    """``12 minutes ago``; below a minute ``just now``."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def moment(passed: datetime) -> str:
    """``21 Nov 2026, 05:57``: to the minute, on one line."""
    return date_format(timezone.localtime(passed), "j M Y, H:i")


def due(moment: datetime) -> str:
    """``in 2 hours`` or ``overdue by 5 minutes``."""
    if moment >= timezone.now():
        return f"in {timeuntil(moment, depth=1)}"
    return f"overdue by {timesince(moment, depth=1)}"


def due_tone(moment: datetime) -> str:
    """``late``, ``soon`` (within half an hour) or ``fine``."""
    left = moment - timezone.now()
    if left < timedelta(0):
        return "late"
    return "soon" if left < timedelta(minutes=30) else "fine"


def day(wanted: date) -> str:
    """``today``, ``in 3 days`` or ``overdue by 2 days``."""
    left = (wanted - timezone.localdate()).days
    if left == 0:
        return "today"
    days = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    return f"in {days}" if left > 0 else f"overdue by {days}"


def day_tone(wanted: date) -> str:
    """``late``, ``soon`` (today) or ``fine``."""
    left = (wanted - timezone.localdate()).days
    return "late" if left < 0 else "fine" if left else "soon"
