"""What an admin may set: channels, categories, the weights of the factors, budgets."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from agents.models import Budget, Category, FactorWeight
from conversations.models import Channel
from omnicqm.common.errors import OmniError
from omnicqm.common.outgoing import outgoing_url_check
from omnicqm.console.base import BaseAdmin, EditableInline
from omnicqm.console.channels import channel_secret_shown, secret_view, try_view
from omnicqm.console.times import moment

THRESHOLD = "A threshold is a score from 0 to 100; without one it is 80. A reply goes out alone from this score on."
POINTS = "A weight is 0 to 100 points: so much a factor takes off the score of 100 each time it is found."
MOST_EXAMPLES, MOST_CHARACTERS = 50, 300


class ChannelForm(forms.ModelForm):
    """What does not fit together is said at the field that has to change."""

    class Meta:  # the page says which fields
        error_messages = {"threshold": dict.fromkeys(("max_value", "min_value", "invalid"), THRESHOLD)}

    def clean_threshold(self) -> int | None:
        threshold: int | None = self.cleaned_data["threshold"]
        if threshold is not None and threshold > 100:
            raise forms.ValidationError(THRESHOLD)
        return threshold

    def clean_callback_url(self) -> str:
        url: str = self.cleaned_data["callback_url"]
        try:
            return outgoing_url_check(url, param="callback_url") if url else ""
        except OmniError as error:
            raise forms.ValidationError(error.message) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = cleaned.get("sender_trust") == Channel.SenderTrust.AUTHENTICATION_RESULTS
        if named and not cleaned.get("trusted_server"):
            self.add_error("trusted_server", "Name the server whose Authentication-Results header is believed.")
        return cleaned


@admin.register(Channel)
class ChannelAdmin(BaseAdmin):
    """A new row is a new channel. Its id is what callers send; it stays as it is once messages carry it."""

    form = ChannelForm
    list_display = ("id", "title", "kind", "is_active", "sender_trust", "reply_by", "autonomy", "threshold")
    list_filter = ("kind", "is_active")
    search_fields = ("id", "title")
    fieldsets = (
        (None, {"fields": ("id", "title", "kind", "is_active")}),
        ("Way in", {"fields": ("sender_trust", "trusted_server")}),
        ("Way out", {"fields": ("reply_by", "callback_url", "signing")}),
        ("What the assistant may do alone", {"fields": ("autonomy", "threshold")}),
    )

    actions_detail = ("secret_page", "try_page")

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("id", "kind", "signing") if obj else ("signing",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its messages refer to it: switch it off instead

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            messages.warning(request, channel_secret_shown(obj, obj.secret))

    @action(description="Secret", url_path="secret", permissions=["change"])
    def secret_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(request, object_id, secret_view)

    @action(description="Try it", url_path="try", permissions=["change"])
    def try_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page(request, object_id, try_view)

    def _page(self, request: HttpRequest, object_id: str, view: Callable[..., HttpResponse]) -> HttpResponse:
        channel: Any = self.get_object(request, unquote(object_id))
        if channel is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, channel):
            raise PermissionDenied
        return view(request, site=self.admin_site, channel=channel)

    @display(description="Callbacks are signed with")
    def signing(self, channel: Channel) -> str:
        if not channel.pk:
            return "a secret that is shown once when the channel has been added"
        if not channel.has_earlier_secret:
            return "one secret"
        until = f"until {moment(channel.earlier_until)}" if channel.earlier_until else "until you end it"
        return f"two secrets: the earlier one {until}"


class WeightForm(forms.ModelForm):
    class Meta:
        model = FactorWeight
        fields = ("factor", "category", "weight")
        error_messages = {"weight": dict.fromkeys(("max_value", "min_value", "invalid"), POINTS)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        same = FactorWeight.objects.filter(factor=cleaned.get("factor"), category=cleaned.get("category"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("factor", "This factor has a weight there already. Change that one.")
        return cleaned


class WeightInline(EditableInline):
    model = FactorWeight
    form = WeightForm
    extra = 0


class CategoryForm(forms.ModelForm):
    """Sentences of customers are written one a line."""

    examples = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text="sentences customers write about it, one a line",
    )

    class Meta:
        model = Category
        fields = ("key", "title", "description", "examples", "autonomy", "threshold")
        error_messages = {"threshold": dict.fromkeys(("max_value", "min_value", "invalid"), THRESHOLD)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "examples" in self.fields:
            self.initial["examples"] = "\n".join(self.instance.examples)

    def clean_examples(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["examples"].splitlines() if line.strip()]
        if len(lines) > MOST_EXAMPLES or any(len(line) > MOST_CHARACTERS for line in lines):
            raise forms.ValidationError(f"{MOST_EXAMPLES} sentences of {MOST_CHARACTERS} letters at most.")
        return lines


@admin.register(Category)
class CategoryAdmin(BaseAdmin):
    form = CategoryForm
    list_display = ("title", "key", "autonomy", "threshold", "description")
    list_filter = ("autonomy",)
    search_fields = ("key", "title", "description")
    inlines = (WeightInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()


@admin.register(FactorWeight)
class FactorWeightAdmin(BaseAdmin):
    form = WeightForm
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
