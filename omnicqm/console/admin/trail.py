"""What happened: the audit trail, sign-in codes."""

from django.contrib import admin
from django.utils import timezone
from unfold.decorators import display

from conversations.models import SignInCode
from omnicqm.common.models import AuditEvent
from omnicqm.console.base import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "object_type", "object_id")
    list_filter = ("action", "object_type")
    search_fields = ("=id", "actor", "=object_id", "=correlation_id")


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
