"""Who may come in: staff, their groups, and the machines that call the API."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.template.loader import render_to_string
from oauth2_provider.models import Application
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from omnicqm.common.services import api_client_create
from omnicqm.console.base import BaseAdmin


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BaseAdmin):  # type: ignore[misc]
    """Staff. Customers are not users: they sign in to the chat only."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "groups_shown", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).prefetch_related("groups")

    @display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "-"

    @display(description="Groups")
    def groups_shown(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "-"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BaseAdmin):  # type: ignore[misc]
    pass


_SCOPES = settings.API_SCOPES


class ClientForm(forms.ModelForm):
    """A name and the scopes; credentials are made by us."""

    scopes = forms.MultipleChoiceField(
        choices=list(_SCOPES.items()),
        initial=list(_SCOPES),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Application
        fields = ["name"]


@admin.register(Application)
class ApplicationAdmin(BaseAdmin):
    """Systems that call the API. A secret is shown once, when its client is made."""

    list_display = ("name", "client_id", "scope_count", "created")
    list_select_related = ("granted",)
    search_fields = ("name", "=client_id")

    def get_form(
        self, request: HttpRequest, obj: Application | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = ClientForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> tuple[str, ...]:
        return ("name", "client_id", "scopes_shown", "created") if obj else ("name", "scopes")

    def get_readonly_fields(self, request: HttpRequest, obj: Application | None = None) -> tuple[str, ...]:
        return ("client_id", "scopes_shown", "created") if obj else ()

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name"])
            return
        made = api_client_create(name=obj.name, scopes=form.cleaned_data["scopes"])
        obj.pk, obj.client_id = Application.objects.get(client_id=made.client_id).pk, made.client_id
        shown = {"client_id": made.client_id, "client_secret": made.client_secret}
        messages.warning(request, render_to_string("console/_client_made.html", shown))

    @display(description="Scopes")
    def scopes_shown(self, application: Application) -> str:
        return ", ".join(_scopes(application)) or "none"

    @display(description="Scopes")
    def scope_count(self, application: Application) -> int:
        return len(_scopes(application))


def _scopes(application: Application) -> list[str]:
    granted = getattr(application, "granted", None)
    return granted.scopes if granted else []
