"""The clocks of an escalation: first or next response, and resolution. Nothing here saves.

They run while the customer waits for us and stand still while we wait for the customer; how much of the pause counts
is the calendar's word, so a night spent waiting moves nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from conversations.desk.targets import Target
from conversations.models import Escalation

FIELDS = ("due_at", "response_due_at", "resolution_due_at", "first_reply_at", "waiting_since", "waited_s")


@dataclass(frozen=True)
class Clock:
    """`name` is *first response*, *next response* or *resolution*."""

    name: str
    due_at: datetime


def clocks_running(escalation: Escalation) -> list[Clock]:
    """What ends first before the other; nothing while we wait for the customer, and when it is over."""
    if escalation.state not in Escalation.OWED:
        return []
    response = "next response" if escalation.first_reply_at else "first response"
    moments = {response: escalation.response_due_at, "resolution": escalation.resolution_due_at}
    return sorted((Clock(name, at) for name, at in moments.items() if at), key=lambda clock: clock.due_at)


def clocks_start(escalation: Escalation, target: Target, *, now: datetime) -> None:
    """For a new escalation, or one that is opened again after its end."""
    escalation.response_due_at = target.after(now, target.first)
    escalation.resolution_due_at = target.after(now, target.resolution) if target.resolution else None
    escalation.waiting_since = None
    _due_set(escalation)


def clocks_reply(escalation: Escalation, *, now: datetime) -> None:
    """We have replied: no response is owed until the customer writes."""
    escalation.first_reply_at = escalation.first_reply_at or now
    escalation.response_due_at = None


def clocks_pause(escalation: Escalation, *, now: datetime) -> None:
    """It is the customer's turn."""
    escalation.waiting_since = escalation.waiting_since or now
    _due_set(escalation)


def clocks_resume(escalation: Escalation, target: Target, *, now: datetime) -> None:
    """It is ours again: what was left of the resolution clock goes on, and the next response is owed."""
    since = escalation.waiting_since
    if since is not None:
        escalation.waited_s += max(0, int((now - since).total_seconds()))
        if escalation.resolution_due_at is not None and escalation.resolution_due_at > since:
            left = target.passed(since, escalation.resolution_due_at)
            escalation.resolution_due_at = target.after(now, left)
    escalation.waiting_since = None
    escalation.response_due_at = target.after(now, target.next)
    _due_set(escalation)


def clocks_stop(escalation: Escalation, *, now: datetime) -> None:
    """It is over; `due_at` stays what it was, as the measure of whether it was in time."""
    if escalation.waiting_since is not None:
        escalation.waited_s += max(0, int((now - escalation.waiting_since).total_seconds()))
    escalation.waiting_since = escalation.response_due_at = None


def _due_set(escalation: Escalation) -> None:
    running = [moment for moment in (escalation.response_due_at, escalation.resolution_due_at) if moment]
    if running:
        escalation.due_at = min(running)
