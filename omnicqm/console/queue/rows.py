"""One line of the queue, ready to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator, capfirst

from conversations.escalations.clocks import Clock, clocks_running
from conversations.models import Customer, Escalation
from omnicqm.console.live.standing import Person
from omnicqm.console.people import customer_name
from omnicqm.console.queue.reasons import reason_words

SOON = timedelta(hours=1)
TITLE_CHARS = 140
_CHANNEL_ICONS = {"email": "mail", "chat": "chat", "api": "data_object"}
_RELATED = ("conversation__customer", "query__channel", "assignee")
_PLACE = "esc_"  # of an id in the address of a case
_HEAVY = ("packet", "draft", "draft_sources", "explanation", "resolution_note")


@dataclass(frozen=True)
class Sla:
    """The clock that ends first: `tone` is late, soon, fine or still; `words` are short, `title` says it whole, and the
    other clock too. `clock` is its name, if one runs."""

    tone: str
    words: str
    title: str
    at: datetime | None = None
    clock: str = ""


@dataclass(frozen=True)
class Row:
    """`age` is since when it waits for people."""

    id: str
    title: str
    reference: str
    customer: str
    level: str
    level_words: str
    channel: str
    icon: str
    reason: str
    category: str
    language: str
    score: int | None
    priority: int
    priority_words: str
    state: str
    sla: Sla
    assignee: Person | None
    is_mine: bool
    created_at: datetime
    url: str

    @property
    def created(self) -> str:
        return moment(self.created_at)

    @property
    def age(self) -> str:
        return span(timezone.now() - self.created_at)


def rows_query(escalations: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """`escalations` with what their lines show, in one query."""
    message = "query__message"
    return (
        escalations.select_related(*_RELATED)
        .defer(*_HEAVY)
        .annotate(
            subject=F(f"{message}__subject"),
            first_words=Left(f"{message}__text", TITLE_CHARS),
        )
    )


def rows_make(escalations: Iterable[Escalation], user: Any) -> list[Row]:
    """The lines of what `rows_query` found, in its order."""
    address = reverse("admin:conversations_escalation_change", args=[_PLACE])  # once: it costs as much as a row
    return [_row(escalation, user, address.replace(_PLACE, escalation.pk)) for escalation in escalations]


def _row(escalation: Escalation, user: Any, url: str) -> Row:
    conversation, channel = escalation.conversation, escalation.query.channel
    customer, assignee = conversation.customer, escalation.assignee
    return Row(
        id=escalation.pk,
        title=_title(escalation),
        reference=conversation.reference,
        customer=customer_name(customer),
        level="" if customer.service_level == Customer.ServiceLevel.STANDARD else customer.service_level,
        level_words=customer.get_service_level_display(),
        channel=channel.title,
        icon=_CHANNEL_ICONS.get(channel.kind, "forum"),
        reason=reason_words(escalation.reasons, escalation.factors),
        category=conversation.category,
        language=escalation.language,
        score=escalation.score,
        priority=escalation.priority,
        priority_words=escalation.get_priority_display(),
        state=escalation.state,
        sla=sla_of(escalation),
        assignee=Person.of(assignee) if assignee else None,
        is_mine=escalation.assignee_id == user.pk,
        created_at=escalation.created_at,
        url=url,
    )


def _title(escalation: Escalation) -> str:
    """The matter in one line; where nobody has written one the subject, or the first words."""
    noted: Any = escalation  # annotated
    title = escalation.summary or noted.subject or escalation.conversation.subject or noted.first_words
    return Truncator(" ".join(title.split())).chars(TITLE_CHARS)


def sla_of(escalation: Escalation, *, now: datetime | None = None) -> Sla:
    """What a reader is to know of its clock now."""
    now = now or timezone.now()
    if escalation.state not in Escalation.ACTIVE:
        words = escalation.get_resolution_display() if escalation.resolution else escalation.get_state_display()
        closed = escalation.closed_at or escalation.created_at
        return Sla("done", f"{span(now - closed)} ago", f"{words}, {moment(closed)}", closed)
    if escalation.state == Escalation.State.WAITING:
        return Sla("still", "Waiting", "Answered; the clock stands still until the customer writes")
    if escalation.snoozed_until and escalation.snoozed_until > now:
        until = escalation.snoozed_until
        return Sla("still", f"Until {clock(until, now)}", f"Snoozed until {moment(until)}", until)
    left, clocks = escalation.due_at - now, clocks_running(escalation)
    tone, words = ("soon" if left <= SOON else "fine"), f"in {span(left)}"
    if left < timedelta(0):
        tone, words = "late", f"{span(-left)} late"
    title = capfirst("; ".join(_told(one, now) for one in clocks))
    return Sla(tone, words, title, escalation.due_at, capfirst(clocks[0].name) if clocks else "")


def _told(running: Clock, now: datetime) -> str:
    return f"{running.name} {'overdue since' if running.due_at < now else 'due'} {moment(running.due_at)}"


def span(length: timedelta) -> str:
    """``3 min``, ``2 h``, ``2 h 40``, ``4 d``: as short as it can be said."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 10:
        return f"{hours} h {minutes % 60:02}"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def clock(at: datetime, now: datetime) -> str:
    """``14:30``, on another day ``2 Dec``."""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localtime(now).date() else f"{local.day} {local:%b}"


def moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %Y, %H:%M}"
