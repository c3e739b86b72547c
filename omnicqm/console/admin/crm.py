"""Cases as the company's CRM knows them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import action, display

from conversations.crm.sending import crm_case_retry
from conversations.models import CrmCase
from omnicqm.common.errors import Conflict
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.times import ago

_LABELS = {"synced": "success", "pending": "info", "failed": "danger"}


@admin.register(CrmCase)
class CrmCaseAdmin(ReadOnlyAdmin):
    """Which cases the CRM has, which wait, and which it refused. Any of them can be sent again by a person."""

    list_display = ("reference", "state_chip", "in_the_crm", "tries", "last_error", "age", "synced_at")
    list_filter = ("state",)
    list_select_related = ("conversation",)
    search_fields = ("=id", "=remote_id", "=external_id", "=conversation__reference")
    search_help_text = "Reference, our id or the CRM's"
    actions = ("send_again",)
    fields = (
        *("id", "conversation", "crm", "state", "external_id", "remote_id", "in_the_crm", "version", "tries"),
        *("due_at", "away_until", "last_error", "created_at", "synced_at"),
    )
    readonly_fields = ("in_the_crm",)

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("conversations.change_crmcase")

    @action(description="Send again", permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[CrmCase]) -> None:
        sent = 0
        for case in queryset:
            try:
                crm_case_retry(case=case, actor=f"user:{request.user.pk}")
            except Conflict as error:
                messages.error(request, error.message)
                return
            sent += 1
        messages.success(request, f"{sent} {'is' if sent == 1 else 'are'} being sent again.")

    @display(description="Case", ordering="conversation__reference")
    def reference(self, case: CrmCase) -> str:
        return case.conversation.reference

    @display(description="State", ordering="state", label=_LABELS)
    def state_chip(self, case: CrmCase) -> tuple[str, str]:
        return case.state, case.get_state_display()

    @display(description="In the CRM")
    def in_the_crm(self, case: CrmCase) -> str:
        if not case.url:
            return "-"
        return format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', case.url, case.remote_id)

    @display(description="Noted", ordering="created_at")
    def age(self, case: CrmCase) -> str:
        return ago(case.created_at)
