"""Who may come in: staff and their groups."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from omnicqm.console.base import BaseAdmin


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BaseAdmin):  # type: ignore[misc]
    """Staff. Customers are not users: they sign in to the chat only.

    Only a superuser makes superusers, changes one, or gives single permissions: who may change users could otherwise
    give themselves everything.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "groups_shown", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _within_reach(request, obj)

    @display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "-"

    @display(description="Groups")
    def groups_shown(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "-"


def _within_reach(request: HttpRequest, user: Any) -> bool:
    return request.user.is_superuser or user is None or not user.is_superuser


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BaseAdmin):  # type: ignore[misc]
    """Roles. Who may change groups can give every right there is: a superuser."""
