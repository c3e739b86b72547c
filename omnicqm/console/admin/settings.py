"""What an admin may set: channels, categories and the weights of the factors."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display

from agents.models import Category, FactorWeight
from conversations.models import Channel
from omnicqm.console.base import BaseAdmin


@admin.register(Channel)
class ChannelAdmin(BaseAdmin):
    """A new row is a new channel. Its id is what callers send; it stays as it is once messages carry it."""

    list_display = ("id", "title", "kind", "is_active", "sender_trust", "reply_by", "autonomy", "threshold")
    list_filter = ("kind", "is_active")
    search_fields = ("id", "title")
    fieldsets = (
        (None, {"fields": ("id", "title", "kind", "is_active")}),
        ("Way in", {"fields": ("sender_trust", "trusted_server")}),
        ("Way out", {"fields": ("reply_by", "callback_url", "secret")}),
        ("What the assistant may do alone", {"fields": ("autonomy", "threshold")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("id", "kind") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its messages refer to it: switch it off instead


class WeightInline(TabularInline):
    model = FactorWeight
    extra = 0


@admin.register(Category)
class CategoryAdmin(BaseAdmin):
    list_display = ("title", "key", "autonomy", "threshold", "description")
    list_filter = ("autonomy",)
    search_fields = ("key", "title", "description")
    inlines = (WeightInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()


@admin.register(FactorWeight)
class FactorWeightAdmin(BaseAdmin):
    list_display = ("factor", "applies_to", "weight")
    list_filter = ("factor", "category")
    list_select_related = ("category",)

    @display(description="Applies to", ordering="category")
    def applies_to(self, weight: FactorWeight) -> str:
        return str(weight.category) if weight.category else "every category"
