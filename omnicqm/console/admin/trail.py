"""What happened: the audit trail, what left for the warehouse, sign-in codes."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter, TextFilter
from unfold.decorators import display

from conversations.models import SignInCode
from omnicqm.common.models import AuditEvent, OutboxBatch
from omnicqm.common.outbox.selectors import outbox_state
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.times import ago


class _Typed(TextFilter):
    """Rows whose column is what is typed: an index finds them however long the trail is."""

    column = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        typed = (self.value() or "").strip()
        return queryset.filter(**{self.column: typed}) if typed else queryset


class ActorFilter(_Typed):
    title, parameter_name, column = "actor, e.g. user:3", "by", "actor"


class ActionFilter(_Typed):
    title, parameter_name, column = "action, e.g. customer.viewed", "what", "action"


class ObjectFilter(_Typed):
    title, parameter_name, column = "id of the object", "whom", "object_id"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, and who looked at whom. `manage.py audit_verify` says whether it is as it was written."""

    list_display = ("at", "actor", "action", "object_type", "object_id", "sealed")
    list_filter = (ActorFilter, ActionFilter, ObjectFilter, ("at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("=id", "=object_id", "=correlation_id")
    search_help_text = "Id of a row, of an object, or of a request"
    fields = ("at", "actor", "action", "object_type", "object_id", "details", "correlation_id", "number", "seal")

    @display(description="Sealed", boolean=True)
    def sealed(self, event: AuditEvent) -> bool:
        return event.number is not None


@admin.register(OutboxBatch)
class OutboxBatchAdmin(ReadOnlyAdmin):
    """Objects of the warehouse's store, and above them what is not stored yet. Their content is in the store alone."""

    list_display = ("topic", "hour", "state", "records_count", "size", "tries", "last_error", "created_at", "stored_at")
    list_filter = ("topic",)
    search_fields = ("=id",)
    list_before_template = "console/_outbox.html"
    fields = ("object_key", "records_count", "size", "tries", "due_at", "last_error", "created_at", "stored_at")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        state = outbox_state()
        since = ago(state.oldest) if state.oldest else ""
        return super().changelist_view(request, {**(extra_context or {}), "outbox": state, "outbox_since": since})

    @display(description="State", label={"stored": "success", "failing": "danger", "waiting": "info"})
    def state(self, batch: OutboxBatch) -> str:
        if batch.stored_at:
            return "stored"
        return "failing" if batch.last_error else "waiting"


@admin.register(SignInCode)
class SignInCodeAdmin(ReadOnlyAdmin):
    """Readable only where mail does not leave the machine, and only for who may see this page: not consultants."""

    list_display = ("email", "code", "state", "tries", "created_at", "expires_at")
    search_fields = ("=email",)
    fields = ("email", "code", "state", "tries", "created_at", "expires_at", "used_at")

    @display(description="Code")
    def code(self, row: SignInCode) -> str:
        return row.readable_code or "sent by e-mail"

    @display(description="State")
    def state(self, row: SignInCode) -> str:
        if row.used_at:
            return "used"
        return "usable" if timezone.now() < row.expires_at and row.tries < row.MOST_TRIES else "expired"
