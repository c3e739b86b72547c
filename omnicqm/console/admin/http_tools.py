"""HTTP tools: what the agent may ask of the company's own systems."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from agents.models import HttpTool, HttpToolEffect
from omnicqm.console.base import BaseAdmin, ReadOnlyAdmin
from omnicqm.console.http_tools.form import HttpToolForm
from omnicqm.console.http_tools.trial import trial_view
from omnicqm.console.times import moment


@admin.register(HttpTool)
class HttpToolAdmin(BaseAdmin):
    """Connects an order or account system without code. Whoever may change a tool may try it."""

    form = HttpToolForm
    list_display = ("name", "title", "asks", "effect_chip", "needs_verified", "enabled")
    list_filter = ("enabled", "effect", "needs_verified")
    search_fields = ("name", "title", "description")
    readonly_fields = ("id", "created_at", "updated_at")
    actions_detail = ("try_it",)
    fieldsets = (
        (None, {"fields": ("name", "title", "description", "enabled", "offered_in")}),
        (
            "The request",
            {
                "fields": ("arguments", "method", "url", "body", "allowed_hosts"),
                "description": "{{order}} is filled in by the agent and must be an argument. {{server.email}}, "
                "{{server.account_number}} and {{server.customer_id}} are filled in by us, for verified customers.",
            },
        ),
        ("Sign-in", {"fields": ("auth", "auth_name", "secret")}),
        ("What it does", {"fields": ("effect", "needs_verified")}),
        ("The answer", {"fields": ("pick", "max_bytes", "timeout")}),
        ("Trail", {"fields": ("id", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    @action(description="Try it", url_path="try", permissions=["change"])
    def try_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        tool: Any = self.get_object(request, unquote(object_id))
        if tool is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, tool):
            raise PermissionDenied
        return trial_view(request, site=self.admin_site, tool=tool)

    @display(description="Asks")
    def asks(self, tool: HttpTool) -> str:
        return f"{tool.method} {urlsplit(tool.url).netloc}"

    @display(description="Effect", ordering="effect", label={"reads": "info", "writes": "warning"})
    def effect_chip(self, tool: HttpTool) -> tuple[str, str]:
        return tool.effect, tool.get_effect_display()


@admin.register(HttpToolEffect)
class HttpToolEffectAdmin(ReadOnlyAdmin):
    """What tools have changed in the company's systems, and of what nobody knows whether it happened. No content."""

    list_display = ("called", "tool", "state_chip", "run_id")
    list_filter = ("state", "tool")
    search_fields = ("=run_id", "=key")
    search_help_text = "Run id or idempotency key, which the company's system got as well"
    list_select_related = ("tool",)
    fields = ("key", "tool", "run_id", "state", "created_at")

    @display(description="Called", ordering="created_at", header=True)
    def called(self, effect: HttpToolEffect) -> tuple[str, str]:
        return moment(effect.created_at), effect.key[:16]

    @display(description="State", ordering="state", label={"sent": "danger", "done": "success"})
    def state_chip(self, effect: HttpToolEffect) -> tuple[str, str]:
        return effect.state, effect.get_state_display()
