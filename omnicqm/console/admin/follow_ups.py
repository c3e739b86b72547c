"""Follow-up tasks: what the agent promised and people work off."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from conversations.follow_ups.services import follow_up_close, follow_up_reopen, follow_up_take
from conversations.models import FollowUp
from omnicqm.common.errors import Conflict
from omnicqm.console.base import BaseAdmin
from omnicqm.console.filters import FollowUpFilter
from omnicqm.console.people import customer_badge
from omnicqm.console.times import ago, day, day_tone

STATE_LABELS = {"open": "warning", "done": "success", "cancelled": "info"}
OPEN = FollowUp.State.OPEN


class FollowUpForm(forms.ModelForm):
    """`wanted` is what the task should become; what was promised stays as it was said."""

    wanted = forms.ChoiceField(
        label="State", choices=FollowUp.State.choices, required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = FollowUp
        fields = ("due_on", "outcome")
        widgets = {"outcome": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wanted"].initial = self.instance.state


@admin.register(FollowUp)
class FollowUpAdmin(BaseAdmin):
    """The list of promises. Only the agent opens them; people take, move and close them."""

    form = FollowUpForm
    list_display = ("promised", "who", "due_chip", "state_chip", "taken_by", "age")
    list_display_links = ("promised",)
    list_filter = (FollowUpFilter,)
    list_before_template = "console/_work_tabs.html"
    list_select_related = ("conversation__customer", "assignee")
    ordering = ("due_on", "created_at")
    search_fields = ("=id", "=conversation__reference", "what", "conversation__customer__display_name")
    search_help_text = "Reference, id, promise or customer's name"
    actions = ("take", "mark_done")
    fieldsets = (
        (None, {"fields": ("what", "conversation_link", "customer_shown")}),
        ("Work", {"fields": ("taken_by", "due_on", "wanted", "outcome")}),
        ("Trail", {"fields": ("id", "run", "created_at", "closed_at")}),
    )
    readonly_fields = (
        *("what", "conversation_link", "customer_shown", "taken_by", "id", "run", "created_at", "closed_at"),
    )

    def has_add_permission(self, request: HttpRequest, obj: FollowUp | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: FollowUp | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: FollowUp, form: Any, change: bool) -> None:
        """Day and outcome are stored as they are; a change of state goes through its service."""
        obj.save(update_fields=["due_on", "outcome"])
        wanted = form.cleaned_data.get("wanted") or obj.state
        user: Any = request.user
        if wanted == obj.state:
            return
        if wanted == OPEN:
            follow_up_reopen(task=obj, user=user)
            return
        try:
            follow_up_close(task=obj, user=user, state=FollowUp.State(wanted))
        except Conflict as error:
            messages.error(request, error.message)

    @action(description="Take", permissions=["change"])
    def take(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> None:
        self._each(request, queryset, follow_up_take, "yours now")

    @action(description="Mark as done", permissions=["change"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> None:
        self._each(request, queryset, follow_up_close, "done", state=FollowUp.State.DONE)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[FollowUp], service: Any, became: str, **given: Any
    ) -> None:
        done = 0
        for task in queryset:
            try:
                service(task=task, user=request.user, **given)
                done += 1
            except Conflict as error:
                messages.error(request, f"{task.what}: {error.message}")
        if done:
            messages.success(request, f"{done} {'task is' if done == 1 else 'tasks are'} {became}.")

    @display(description="What was promised", header=True)
    def promised(self, task: FollowUp) -> tuple[str, str]:
        return Truncator(task.what).chars(80), task.conversation.reference

    @display(description="Customer")
    def who(self, task: FollowUp) -> SafeString:
        return customer_badge(task.conversation.customer)

    @display(description="Due", ordering="due_on", label={"late": "danger", "soon": "warning", "fine": "info"})
    def due_chip(self, task: FollowUp) -> tuple[str, str] | str:
        return (day_tone(task.due_on), day(task.due_on)) if task.state == OPEN else "-"

    @display(description="State", ordering="state", label=STATE_LABELS)
    def state_chip(self, task: FollowUp) -> tuple[str, str]:
        return task.state, task.get_state_display()

    @display(description="Assignee", ordering="assignee")
    def taken_by(self, task: FollowUp) -> str:
        return (task.assignee.get_full_name() or task.assignee.get_username()) if task.assignee else "-"

    @display(description="Opened", ordering="created_at")
    def age(self, task: FollowUp) -> str:
        return ago(task.created_at)

    @display(description="Conversation")
    def conversation_link(self, task: FollowUp) -> SafeString:
        url = reverse("admin:conversations_conversation_change", args=[task.conversation_id])
        return format_html('<a href="{}">{}</a>', url, task.conversation.reference)

    @display(description="Customer")
    def customer_shown(self, task: FollowUp) -> SafeString:
        return customer_badge(task.conversation.customer)
