"""Widget keys: where the chat may stand on the company's own pages."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from conversations.models import WidgetKey
from conversations.widget.keys import widget_key_create
from omnicqm.console.base import BaseAdmin
from omnicqm.console.times import moment
from omnicqm.console.widgets import WidgetKeyForm, embed_view, secret_shown


@admin.register(WidgetKey)
class WidgetKeyAdmin(BaseAdmin):
    """Pages that may show the chat, how it looks there, and who signs for its visitors."""

    form = WidgetKeyForm
    list_display = ("name", "state", "origin_list", "channel", "language", "public_key")
    list_filter = ("enabled", "channel")
    list_select_related = ("channel",)
    search_fields = ("name", "=public_key", "allowed_origins")
    readonly_fields = ("public_key", "signing", "created_at", "updated_at")
    actions_detail = ("embed",)
    fieldsets = (
        (None, {"fields": ("name", "enabled", "channel", "allowed_origins")}),
        ("How it looks", {"fields": ("title", "greeting", "colour", "position", "language")}),
        ("Limits", {"fields": ("frames_per_minute", "messages_per_minute")}),
        ("Key", {"fields": ("public_key", "signing", "created_at", "updated_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:-1]

    def save_model(self, request: HttpRequest, obj: WidgetKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        secret = widget_key_create(key=obj, actor=f"user:{request.user.pk}")
        messages.warning(request, secret_shown(obj, secret))

    def _audit(self, request: HttpRequest, obj: Model, verb: str, message: Any) -> None:
        if verb != "added":  # the service keeps that
            super()._audit(request, obj, verb, message)

    @action(description="Snippet and secret", url_path="embed", permissions=["change"])
    def embed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key: Any = self.get_object(request, unquote(object_id))
        if key is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, key):
            raise PermissionDenied
        return embed_view(request, site=self.admin_site, key=key)

    @display(description="State", label={"on": "success", "off": "danger", "changing secrets": "warning"})
    def state(self, key: WidgetKey) -> str:
        if not key.enabled:
            return "off"
        return "changing secrets" if key.has_earlier_secret else "on"

    @display(description="Pages", ordering="allowed_origins")
    def origin_list(self, key: WidgetKey) -> str:
        first, *more = key.origins or ["none"]
        return f"{first} and {len(more)} more" if more else first

    @display(description="Signing secrets")
    def signing(self, key: WidgetKey) -> str:
        if not key.has_earlier_secret:
            return "one"
        until = moment(key.earlier_until) if key.earlier_until else "you end it"
        return f"two: the earlier one works until {until}"
