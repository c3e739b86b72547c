"""Conversations: the thread of a customer on all channels, to read."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from conversations.models import Conversation
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.conversations import conversation_view
from omnicqm.console.people import customer_badge
from omnicqm.console.times import ago

STATUS_LABELS = {"open": "info", "with_consultant": "warning", "resolved": "success"}


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("reference", "subject", "who", "status_chip", "category", "message_count", "updated")
    list_filter = ("status", "category")
    list_select_related = ("customer",)
    ordering = ("-updated_at",)
    search_fields = ("=id", "=reference", "subject", "customer__display_name", "customer__identities__value")
    search_help_text = "Reference, id, subject, customer's name or e-mail address"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        related = "customer", "taken_over_by"
        conversation = Conversation.objects.select_related(*related).filter(pk=unquote(object_id)).first()
        if conversation is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return conversation_view(request, site=self.admin_site, conversation=conversation)

    @display(description="Customer")
    def who(self, conversation: Conversation) -> SafeString:
        return customer_badge(conversation.customer)

    @display(description="Status", ordering="status", label=STATUS_LABELS)
    def status_chip(self, conversation: Conversation) -> tuple[str, str]:
        return conversation.status, conversation.get_status_display()

    @display(description="Messages", ordering="last_seq")
    def message_count(self, conversation: Conversation) -> int:
        return conversation.last_seq

    @display(description="Last message", ordering="updated_at")
    def updated(self, conversation: Conversation) -> str:
        return ago(conversation.updated_at)
