"""What all our admin pages share. Between ours and django-unfold's `ModelAdmin` stands only this module."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline

from omnicqm.common.services import audit_record


class BaseAdmin(ModelAdmin):
    """A page on which staff may change things; every change is in the audit trail, with names of fields, no values."""

    compressed_fields = True
    warn_unsaved_form = True
    list_fullwidth = True
    list_per_page = 50
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    show_full_result_count = False  # counting a large table would cost more than the page

    def view_check(self, request: HttpRequest) -> None:
        """Raises `PermissionDenied` for who may see no such page, before it is looked whether there is this one."""
        if not self.has_view_permission(request):
            raise PermissionDenied

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        return super().history_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        super().log_addition(request, obj, message)
        self._audit(request, obj, "added", message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        super().log_change(request, obj, message)
        self._audit(request, obj, "changed", message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().log_deletions(request, queryset)
        for obj in queryset:
            self._audit(request, obj, "deleted", [])

    def _audit(self, request: HttpRequest, obj: Model, verb: str, message: Any) -> None:
        name = obj._meta.model_name or ""
        audit_record(
            actor=f"user:{request.user.pk}", action=f"{name}.{verb}", obj=obj, details={"fields": _fields(message)}
        )


def _fields(message: Any) -> list[str]:
    """The names of changed fields from Django's change message."""
    if not isinstance(message, list):
        return []
    return [field for part in message for entry in part.values() for field in entry.get("fields", ())]


class ReadOnlyAdmin(BaseAdmin):
    """A page to look things up: what the product itself writes, nobody edits."""

    warn_unsaved_form = False
    actions: Iterable[Any] = ()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EditableInline(TabularInline):
    """Rows of another table on a page, to be edited. Each field says what it is: who cannot see has no column above."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", capfirst(str(field.label or db_field.verbose_name)))
        return field


class ReadOnlyInline(TabularInline):
    """Rows of another table on a page, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
