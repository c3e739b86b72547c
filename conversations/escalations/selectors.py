"""Reads for the consultants' console."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from conversations.errors import EscalationNotFound
from conversations.escalations.filters import SOON, filters_apply
from conversations.models import Consultant, Escalation, Message, Query, WorkQueue
from omnicqm.common.errors import InvalidInput

Tab = Literal["mine", "unassigned", "all", "snoozed", "waiting", "resolved"]
TABS: tuple[Tab, ...] = ("mine", "unassigned", "all", "snoozed", "waiting", "resolved")
ORDER = ("due_at", "priority", "created_at")
_LARGE = ("packet", "draft", "draft_sources", "explanation", "resolution_note")  # not for lists

State = Escalation.State


def escalations_queue(
    user: AbstractBaseUser, tab: Tab = "mine", filters: Mapping[str, Any] | None = None
) -> QuerySet[Escalation]:
    """The rows of a tab, ordered, without their large fields; the door cuts pages from it.

    ``mine``, ``unassigned`` and ``all`` are what the customer waits for and nobody put aside, the nearest due first;
    ``snoozed`` what wakes first; ``waiting`` who has been silent the longest; ``resolved`` what ended last. `filters`
    as in `filters_apply`. Raises `InvalidInput` for another tab or a filter that cannot be read.
    """
    now = timezone.now()
    rows = filters_apply(_tab(user, tab, now), filters or {}, now=now)
    related = "conversation__customer", "query__channel", "assignee"
    return rows.select_related(*related).defer(*_LARGE, "conversation__customer__profile")


def _tab(user: AbstractBaseUser, tab: str, now: datetime) -> QuerySet[Escalation]:
    every = Escalation.objects.all()
    match tab:
        case "mine":
            return every.filter(owed(), awake(now), assignee=user.pk).order_by(*ORDER)
        case "unassigned":
            return every.filter(awake(now), state=State.OPEN).order_by(*ORDER)
        case "all":
            return every.filter(owed(), awake(now)).order_by(*ORDER)
        case "snoozed":
            return every.filter(state__in=Escalation.ACTIVE, snoozed_until__gt=now).order_by("snoozed_until")
        case "waiting":
            return every.filter(awake(now), state=State.WAITING).order_by("waiting_since")
        case "resolved":
            return every.filter(state__in=Escalation.OVER, closed_at__isnull=False).order_by("-closed_at")
    raise InvalidInput(f"Choose a tab: {', '.join(TABS)}.", param="tab")


def escalations_count(user: AbstractBaseUser) -> dict[str, int]:
    """{overdue, due_soon, unassigned, mine, waiting}: what is not put aside, in one query.

    `overdue` and `due_soon` (within the hour) are what the customer waits for, whoever has it.
    """
    now = timezone.now()
    mine = Count("state", filter=owed() & Q(assignee=user.pk))
    found: dict[str, int] = _active_awake(now).aggregate(**_counted(now), mine=mine)
    return found


def escalations_counts(user_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The same by user, in two queries for any number of them."""
    now = timezone.now()
    shared = _active_awake(now).aggregate(**_counted(now))
    theirs = _active_awake(now).filter(owed(), assignee__in=user_ids).order_by().values_list("assignee_id")
    mine = dict(theirs.annotate(Count("state")))
    return {user_id: {**shared, "mine": mine.get(user_id, 0)} for user_id in user_ids}


def _active_awake(now: datetime) -> QuerySet[Escalation]:
    return Escalation.objects.filter(awake(now), state__in=Escalation.ACTIVE)


def _counted(now: datetime) -> dict[str, Count]:
    """The state is never null and stands in the index, so that the index alone tells."""
    soon = owed() & Q(due_at__gte=now, due_at__lt=now + SOON)
    return {
        "overdue": Count("state", filter=owed() & Q(due_at__lt=now)),
        "due_soon": Count("state", filter=soon),
        "unassigned": Count("state", filter=Q(state=State.OPEN)),
        "waiting": Count("state", filter=Q(state=State.WAITING)),
    }


def owed() -> Q:
    """The customer waits for us."""
    return Q(state__in=Escalation.OWED)


def awake(now: datetime) -> Q:
    return Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)


def escalations_next(user: AbstractBaseUser) -> Iterator[QuerySet[Escalation]]:
    """What `user` should take next, the first of the first that is not empty.

    Nobody's, of their team's queues and those without a team, in a language of theirs; their own categories before
    others. Who is in no team takes from every queue.
    """
    rows = Escalation.objects.filter(awake(timezone.now()), state=State.OPEN).order_by(*ORDER)
    consultant = Consultant.objects.filter(user=user.pk).first()
    if consultant is None:
        yield rows
        return
    if consultant.team_id:
        others = WorkQueue.objects.filter(team__isnull=False).exclude(team=consultant.team_id)
        rows = rows.exclude(queue__in=list(others.values_list("pk", flat=True)))
    if consultant.languages:
        rows = rows.filter(language__in=["", *consultant.languages])
    if consultant.categories:
        yield rows.filter(conversation__category__in=["", "other", *consultant.categories])
    yield rows


def escalations_active(*, queue: str = "", assignee_id: int | None = None) -> QuerySet[Escalation]:
    """What waits for people, the most urgent first; of one queue or one consultant if named."""
    rows = Escalation.objects.filter(state__in=Escalation.ACTIVE)
    if queue:
        rows = rows.filter(queue=queue)
    if assignee_id is not None:
        rows = rows.filter(assignee_id=assignee_id)
    return rows.select_related("conversation__customer", "query__channel", "assignee").order_by(*ORDER)


def escalation_get(escalation_id: str) -> Escalation:
    """The escalation with what its page shows. Raises `EscalationNotFound`."""
    related = "conversation__customer", "query__channel", "query__message", "query__run", "assignee", "reply"
    row = Escalation.objects.select_related(*related, "held_reply").filter(pk=escalation_id).first()
    if row is None:
        raise EscalationNotFound("There is no such escalation.")
    return row


def escalation_of(query: Query) -> Escalation | None:
    """The escalation that `query` belongs to: its own, or the one of the query it was handed over with."""
    return Escalation.objects.filter(query_id__in=[query.pk, query.answered_with_id]).first()


def escalation_packet(escalation: Escalation) -> dict[str, Any]:
    """The handoff packet together with the thread as it is now.

    `known_seq` is what `escalation_reply` wants back: the newest message in `messages`.
    """
    thread = Message.objects.filter(conversation=escalation.conversation_id).select_related("channel", "consultant")
    messages = list(thread.prefetch_related("attachments").order_by("seq"))
    return {
        **escalation.packet,
        "escalation": escalation,
        "messages": messages,
        "known_seq": messages[-1].seq if messages else 0,
    }


def escalations_overdue() -> tuple[int, datetime | None]:
    """How many escalations wait past their due time, put aside or not, and since when the first of them was due."""
    late = Escalation.objects.filter(owed(), due_at__lt=timezone.now())
    found = late.aggregate(count=Count("*"), oldest=Min("due_at"))
    return found["count"], found["oldest"]
