"""What waits for people and for workers: escalations, queries, deliveries."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action, display

from conversations.deliveries.services import delivery_retry
from conversations.models import Delivery, Escalation, Query
from omnicqm.common.errors import Conflict
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.escalations.views import escalation_view
from omnicqm.console.filters import OutcomeFilter, ProgressFilter, WorkFilter
from omnicqm.console.people import customer_badge
from omnicqm.console.times import ago, due, due_tone

ESCALATION_LABELS = {"open": "warning", "assigned": "info", "answered": "success"}
QUERY_LABELS = {"answered": "success", "escalated": "warning", "clarification": "info", "failed": "danger"}
DELIVERY_LABELS = {
    "delivered": "success",
    "failed": "danger",
    "unknown": "danger",
    "pending": "info",
    "sending": "info",
}


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    """The list of what waits for a person; the page behind it is the consultants' workplace."""

    list_display = ("matter", "who", "due_chip", "state_chip", "score_chip", "channel", "taken_by", "age")
    list_display_links = ("matter",)
    list_filter = (WorkFilter, "queue", "query__channel")
    list_before_template = "console/_work_tabs.html"
    list_select_related = ("conversation__customer", "query__channel", "query__message", "assignee")
    ordering = ("due_at",)
    search_fields = (
        *("=id", "=conversation__reference", "=query__id", "conversation__subject"),
        *("conversation__customer__display_name", "conversation__customer__identities__value"),
    )
    search_help_text = "Reference, id, subject, customer's name or e-mail address"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        escalation_id = unquote(object_id)
        if not Escalation.objects.filter(pk=escalation_id).exists():
            return self._get_obj_does_not_exist_redirect(request, self.opts, escalation_id)
        return escalation_view(request, site=self.admin_site, escalation_id=escalation_id)

    @display(description="Matter", header=True)
    def matter(self, escalation: Escalation) -> tuple[str, str]:
        message = escalation.query.message
        title = message.subject or escalation.conversation.subject or Truncator(message.text).chars(60)
        return title, f"{escalation.conversation.reference} · {Truncator(message.text).chars(70)}"

    @display(description="Customer")
    def who(self, escalation: Escalation) -> SafeString:
        return customer_badge(escalation.conversation.customer)

    @display(description="Due", ordering="due_at", label={"late": "danger", "soon": "warning", "fine": "info"})
    def due_chip(self, escalation: Escalation) -> tuple[str, str] | str:
        return due_label(escalation)

    @display(description="State", ordering="state", label=ESCALATION_LABELS)
    def state_chip(self, escalation: Escalation) -> tuple[str, str]:
        return escalation.state, escalation.get_state_display()

    @display(description="Score", ordering="score")
    def score_chip(self, escalation: Escalation) -> str:
        return "-" if escalation.score is None else str(escalation.score)

    @display(description="Channel", ordering="query__channel")
    def channel(self, escalation: Escalation) -> str:
        return str(escalation.query.channel)

    @display(description="Assignee", ordering="assignee")
    def taken_by(self, escalation: Escalation) -> str:
        user = escalation.assignee
        return (user.get_full_name() or user.get_username()) if user else "-"

    @display(description="Opened", ordering="created_at")
    def age(self, escalation: Escalation) -> str:
        return ago(escalation.created_at)


@admin.register(Query)
class QueryAdmin(ReadOnlyAdmin):
    list_display = ("id", "status_chip", "channel", "conversation", "score", "created_at", "took")
    list_filter = (ProgressFilter, "status", "channel")
    list_select_related = ("channel", "conversation", "run")
    search_fields = ("=id", "=conversation__reference", "=message__id", "=message__external_id", "=client")
    search_help_text = "Request id, reference, external id or API client"
    fields = (
        *("id", "status", "reason", "conversation", "message", "channel", "client", "callback_url"),
        *("run", "reply", "answered_with", "tries", "due_at", "lease_until", "created_at", "finished_at"),
    )

    @display(description="Status", ordering="status", label=QUERY_LABELS)
    def status_chip(self, query: Query) -> tuple[str, str]:
        return query.status, query.get_status_display()

    @display(description="Score", ordering="run__score")
    def score(self, query: Query) -> str:
        return "-" if query.run is None or query.run.score is None else str(query.run.score)

    @display(description="Took", ordering="finished_at")
    def took(self, query: Query) -> str:
        if query.finished_at is None:
            return "-"
        return f"{max(0.0, (query.finished_at - query.created_at).total_seconds()):.1f} s"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Replies and news on their way out. One that failed can be sent again by a person."""

    list_display = ("id", "kind", "event", "state_chip", "target", "tries", "last_error", "created_at", "delivered_at")
    list_filter = (OutcomeFilter, "kind", "state", "event")
    search_fields = ("=id", "=query__id", "target", "=query__conversation__reference")
    search_help_text = "Id, request id, reference or address"
    actions = ("send_again",)
    fields = (
        *("id", "kind", "event", "state", "target", "query", "message", "tries", "due_at", "last_error"),
        *("created_at", "delivered_at"),
    )

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_delivery")

    @action(description="Send again", permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        sent = 0
        for delivery in queryset:
            try:
                delivery_retry(delivery=delivery, actor=f"user:{request.user.pk}")
                sent += 1
            except Conflict as error:
                messages.error(request, f"{delivery.pk}: {error.message}")
        if sent:
            messages.success(request, f"{sent} {'is' if sent == 1 else 'are'} being sent again.")

    @display(description="State", ordering="state", label=DELIVERY_LABELS)
    def state_chip(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()


def due_label(escalation: Escalation) -> tuple[str, str] | str:
    """A chip for the due time; nothing once the work is done."""
    if escalation.state not in Escalation.ACTIVE:
        return "-"
    return due_tone(escalation.due_at), due(escalation.due_at)
