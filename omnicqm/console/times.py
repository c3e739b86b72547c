"""Moments in words, as lists and pages show them."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince, timeuntil


def ago(moment: datetime) -> str:
    """``12 minutes ago``; below a minute ``just now``."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


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
