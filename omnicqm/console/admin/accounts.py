"""Who may come in: staff and their groups."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from omnicqm.console.accounts.reset import reset_view
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
    actions_detail = ("second_factor_page",)

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _within_reach(request, obj)

    @action(description="Second factor", url_path="second-factor", permissions=["change"])
    def second_factor_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = self.get_object(request, unquote(object_id))
        if user is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        return reset_view(request, site=self.admin_site, user=user)

    @display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "-"

    @display(description="Groups")
    def groups_shown(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "-"


def _within_reach(request: HttpRequest, user: Any) -> bool:
    """Whether `user`, of whom django-unfold sometimes knows the id only, is nobody that only a superuser changes."""
    if request.user.is_superuser or user is None:
        return True
    if isinstance(user, User):
        return not user.is_superuser
    return str(user).isdecimal() and not User.objects.filter(pk=user, is_superuser=True).exists()


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, BaseAdmin):  # type: ignore[misc]
    """Roles. Who may change groups can give every right there is: a superuser."""
