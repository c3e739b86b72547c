"""What an admin may set: channels, categories, the weights of the factors, budgets."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from agents.models import Budget, Category, FactorWeight
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


class BudgetForm(forms.ModelForm):
    """The scope is chosen from the channels; a budget for something else keeps what it has."""

    scope = forms.ChoiceField(label="For", required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Budget
        fields = ("scope", "usd_per_day", "secondary_at", "drafts_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = {"": "Everything together"}
        scopes |= {f"channel:{channel.pk}": f"Channel {channel}" for channel in Channel.objects.all()}
        scopes.setdefault(self.instance.scope, self.instance.scope)
        self.fields["scope"].choices = list(scopes.items())  # type: ignore[attr-defined]


@admin.register(Budget)
class BudgetAdmin(BaseAdmin):
    """US dollars a day. What is spent of them is on the page of costs, beside the attempts."""

    form = BudgetForm
    list_display = ("applies_to", "usd_per_day", "secondary_at", "drafts_at")

    @display(description="For", ordering="scope")
    def applies_to(self, budget: Budget) -> str:
        return budget.scope or "everything together"
