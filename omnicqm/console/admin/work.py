"""What waits for people and for workers: escalations, queries, deliveries."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from unfold.decorators import action, display

from conversations.deliveries.services import delivery_retry
from conversations.models import Delivery, Escalation, Query
from omnicqm.common.errors import Conflict
from omnicqm.common.ids import is_id
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.case.parts import part_view
from omnicqm.console.case.views import escalation_view
from omnicqm.console.filters import OutcomeFilter, ProgressFilter
from omnicqm.console.queue.addresses import queue_address

_TABS = {"mine": "mine", "unassigned": "unassigned", "done": "resolved"}  # of addresses from before the queue
PARTS = "conversations_escalation_part"
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
    """The page of a case. Its list is the queue."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self.view_check(request)
        tab = _TABS.get(request.GET.get("work", ""), "all")
        return HttpResponseRedirect(queue_address(tab, q=request.GET.get("q", "")))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        escalation_id = unquote(object_id)
        if not (is_id(escalation_id, "esc") and Escalation.objects.filter(pk=escalation_id).exists()):
            return self._get_obj_does_not_exist_redirect(request, self.opts, escalation_id)
        return escalation_view(request, site=self.admin_site, escalation_id=escalation_id)

    def get_urls(self) -> list[Any]:
        parts = path("<id:escalation_id>/parts/<slug:part>/", self.admin_site.admin_view(part_view), name=PARTS)
        return [parts, *super().get_urls()]


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
