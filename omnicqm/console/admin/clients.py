"""API clients: the machines that call the API."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from oauth2_provider.models import Application
from unfold.decorators import action, display

from omnicqm.common.models import ClientGrant
from omnicqm.common.selectors.clients import client_use_counts
from omnicqm.common.services import api_client_change, api_client_create
from omnicqm.common.tokens import tokens_forget
from omnicqm.console.base import BaseAdmin
from omnicqm.console.clients import ClientForm, access_view, secret_shown
from omnicqm.console.times import ago, moment

STATE_LABELS = {"active": "success", "changing secrets": "warning", "revoked": "danger"}


@admin.register(Application)
class ApplicationAdmin(BaseAdmin):
    """Systems that call the API. A secret is shown once, when it is made; the services keep the trail."""

    form = ClientForm
    list_display = ("name", "client_id", "state", "scope_count", "rate", "last_use", "created")
    list_select_related = ("granted",)
    search_fields = ("name", "=client_id")
    actions_detail = ("access",)
    readonly_fields = ("client_id", "secrets", "last_use", "use", "created")

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> tuple[str, ...]:
        editable = ("name", "scopes", "requests_per_minute")
        if obj and not self.has_change_permission(request, obj):
            editable = ("name", "scopes_shown", "rate")
        return (*editable, *self.readonly_fields) if obj else editable

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "scopes_shown", "rate") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is revoked stays as it is, to look at."""
        is_client = isinstance(obj, Application)
        return super().has_change_permission(request, obj) and not (is_client and _grant(obj).revoked_at)

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        actor, wanted = f"user:{request.user.pk}", form.wanted
        if change:
            api_client_change(client_id=obj.client_id, **wanted, actor=actor)
            return
        made = api_client_create(**wanted, actor=actor)
        obj.pk, obj.client_id = Application.objects.get(client_id=made.client_id).pk, made.client_id
        messages.warning(request, secret_shown(made))

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        super().delete_model(request, obj)
        tokens_forget()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        super().delete_queryset(request, queryset)
        tokens_forget()

    def _audit(self, request: HttpRequest, obj: Model, verb: str, message: Any) -> None:
        if verb == "deleted":
            super()._audit(request, obj, verb, message)

    @action(description="Secret and access", url_path="access", permissions=["change"])
    def access(self, request: HttpRequest, object_id: str) -> HttpResponse:
        client: Any = self.get_object(request, unquote(object_id))
        if client is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, client):
            raise PermissionDenied
        return access_view(request, site=self.admin_site, client=client)

    @display(description="State", label=STATE_LABELS)
    def state(self, client: Application) -> str:
        grant = _grant(client)
        return "revoked" if grant.revoked_at else "changing secrets" if grant.has_earlier_secret else "active"

    @display(description="Scopes")
    def scopes_shown(self, client: Application) -> str:
        return ", ".join(_grant(client).scopes) or "none"

    @display(description="Scopes")
    def scope_count(self, client: Application) -> int:
        return len(_grant(client).scopes)

    @display(description="A minute")
    def rate(self, client: Application) -> str:
        return str(_grant(client).requests_per_minute or "default")

    @display(description="Last used", ordering="granted__last_used_at")
    def last_use(self, client: Application) -> str:
        used_at = _grant(client).last_used_at
        return ago(used_at) if used_at else "never"

    @display(description="Requests")
    def use(self, client: Application) -> str:
        counts = client_use_counts(client)
        refused = f", of which {counts.refused} beyond its rate" if counts.refused else ""
        return f"{counts.today} today, {counts.requests + counts.refused} in 30 days{refused}"

    @display(description="Secrets")
    def secrets(self, client: Application) -> str:
        grant = _grant(client)
        if grant.revoked_at:
            return f"none: revoked on {moment(grant.revoked_at)}"
        if not grant.has_earlier_secret:
            return "one"
        until = moment(grant.earlier_until) if grant.earlier_until else "you end it"
        return f"two: the earlier one works until {until}"


def _grant(client: Application) -> ClientGrant:
    """What the client may do; nothing, when it was made by other hands."""
    return getattr(client, "granted", None) or ClientGrant(application=client)
