"""The first page: what needs a person now, and whether the machine keeps up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from conversations.models import Delivery, Escalation, FollowUp, Query
from knowledge.models import Document
from omnicqm.console.alerts.open import alerts_open

NEXT_UP = 8


@dataclass(frozen=True)
class Tile:
    """A number that opens the list it counts. `alert` paints it when the number is not 0."""

    title: str
    value: int
    hint: str
    url: str
    alert: bool = False
    permission: str = ""


def home_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Tiles, the most urgent escalations and today's figures, for the index template."""
    tiles = [*_work_tiles(request), *_machine_tiles()]
    context["tiles"] = [tile for tile in tiles if request.user.has_perm(tile.permission)]
    if request.user.has_perm("conversations.view_escalation"):
        context["next_up"] = _next_up()
        context["open_escalations"] = Escalation.objects.filter(state__in=Escalation.ACTIVE).count()
    context["today"] = _last_day()
    context["open_alerts"] = alerts_open(request)
    return context


def _work_tiles(request: HttpRequest) -> list[Tile]:
    active = Q(state__in=Escalation.ACTIVE)
    counts = Escalation.objects.aggregate(
        open=Count("pk", filter=active),
        overdue=Count("pk", filter=active & Q(due_at__lt=timezone.now())),
        mine=Count("pk", filter=active & Q(assignee=request.user.pk)),
    )
    see, url = "conversations.view_escalation", reverse("admin:conversations_escalation_changelist")
    return [
        Tile("Open escalations", counts["open"], "wait for a person", f"{url}?work=open", permission=see),
        Tile("Overdue", counts["overdue"], "past their due time", f"{url}?work=overdue", alert=True, permission=see),
        Tile("Mine", counts["mine"], "claimed by you", f"{url}?work=mine", permission=see),
        _follow_ups_tile(),
    ]


def _follow_ups_tile() -> Tile:
    due = FollowUp.objects.filter(state=FollowUp.State.OPEN, due_on__lte=timezone.localdate()).count()
    url = f"{reverse('admin:conversations_followup_changelist')}?work=due"
    hint = "promised by today"
    return Tile("Follow-ups due", due, hint, url, alert=True, permission="conversations.view_followup")


def _machine_tiles() -> list[Tile]:
    pending = Query.objects.filter(status__in=Query.PENDING).count()
    failed = Delivery.objects.filter(state__in=[Delivery.State.FAILED, Delivery.State.UNKNOWN]).count()
    unready = Document.objects.exclude(versions__current=True).count()
    queries, deliveries, documents = (
        reverse(f"admin:{name}_changelist")
        for name in ("conversations_query", "conversations_delivery", "knowledge_document")
    )
    return [
        Tile(
            "Pending queries",
            pending,
            "the assistant is on it",
            f"{queries}?progress=pending",
            permission="conversations.view_query",
        ),
        Tile(
            "Failed deliveries",
            failed,
            "did not reach the customer",
            f"{deliveries}?outcome=failed",
            alert=True,
            permission="conversations.view_delivery",
        ),
        Tile(
            "Documents not ready",
            unready,
            "search cannot find them yet",
            documents,
            permission="knowledge.view_document",
        ),
    ]


def _next_up() -> list[Escalation]:
    related = "conversation__customer", "query__channel", "query__message", "assignee"
    escalations = Escalation.objects.filter(state__in=Escalation.ACTIVE).select_related(*related)
    return list(escalations.order_by("due_at")[:NEXT_UP])


def _last_day() -> dict[str, int | None]:
    """Queries of the last 24 hours: how many came, and how many of the finished ones needed no person."""
    since = timezone.now() - timedelta(days=1)
    count = Query.objects.filter(created_at__gte=since).aggregate(
        all=Count("pk"),
        alone=Count("pk", filter=Q(status__in=[Query.Status.ANSWERED, Query.Status.CLARIFICATION])),
        people=Count("pk", filter=Q(status=Query.Status.ESCALATED)),
    )
    decided = count["alone"] + count["people"]
    return {**count, "share": round(100 * count["alone"] / decided) if decided else None}
