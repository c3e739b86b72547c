"""Numbers that open the list they count."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from conversations.escalations.selectors import escalations_count
from conversations.models import Delivery, FollowUp, Query
from feedback.models import KnowledgeGap
from knowledge.models import Document
from omnicqm.console.queue.addresses import queue_address

SEE_ESCALATIONS = "conversations.view_escalation"


@dataclass(frozen=True)
class Tile:
    """`alert` paints it red, `warn` amber, when the number is not 0. `name` is what live counts call it."""

    title: str
    value: int
    hint: str
    url: str
    icon: str = ""
    name: str = ""
    alert: bool = False
    warn: bool = False


def work_tiles(user: AbstractBaseUser) -> list[Tile]:
    """What waits for people."""
    count = escalations_count(user)
    return [
        Tile(
            *("Overdue", count["overdue"], "past their due time", queue_address("all", due="overdue")),
            *("alarm", "overdue", True),
        ),
        Tile(
            *("Due within the hour", count["due_soon"], "answer these next", queue_address("all", due="soon")),
            *("timelapse", "due_soon", False, True),
        ),
        Tile("Unassigned", count["unassigned"], "nobody's yet", queue_address("unassigned"), "inbox", "unassigned"),
        Tile("Mine", count["mine"], "claimed by you", queue_address("mine"), "person", "mine"),
        Tile(
            *("Waiting", count["waiting"], "for the customer", queue_address("waiting")),
            *("hourglass_empty", "waiting"),
        ),
    ]


def other_tiles(request: HttpRequest) -> list[Tile]:
    """What else somebody has to look after, as far as the user of `request` may see it."""
    makers = {
        "conversations.view_followup": _follow_ups,
        "conversations.view_query": _pending,
        "conversations.view_delivery": _failed,
        "knowledge.view_document": _unready,
        "feedback.view_knowledgegap": _gaps,
    }
    return [make() for permission, make in makers.items() if request.user.has_perm(permission)]


def _follow_ups() -> Tile:
    due = FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lte=timezone.localdate()).count()
    return Tile("Follow-ups due", due, "promised by today", f"{_list('conversations_followup')}?work=due", alert=True)


def _pending() -> Tile:
    pending = Query.objects.filter(status__in=Query.PENDING).count()
    url = f"{_list('conversations_query')}?progress=pending"
    return Tile("Pending queries", pending, "the assistant is on it", url)


def _failed() -> Tile:
    failed = Delivery.objects.filter(state__in=[Delivery.State.FAILED, Delivery.State.UNKNOWN]).count()
    url = f"{_list('conversations_delivery')}?outcome=failed"
    return Tile("Failed deliveries", failed, "did not reach the customer", url, alert=True)


def _unready() -> Tile:
    unready = Document.objects.exclude(versions__current=True).count()
    return Tile("Documents not ready", unready, "search cannot find them yet", _list("knowledge_document"))


def _gaps() -> Tile:
    gaps = KnowledgeGap.objects.filter(state=KnowledgeGap.State.OPEN).count()
    url = f"{_list('feedback_knowledgegap')}?state__exact=open"
    return Tile("Open knowledge gaps", gaps, "asked, and answered by no document", url)


def _list(name: str) -> str:
    return reverse(f"admin:{name}_changelist")
