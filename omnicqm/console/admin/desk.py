"""How people's work is organised: teams, who is in them, queues, hours, targets, macros, and step-by-step guides."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agents.models import Category
from conversations.desk.services import consultant_leave, consultant_return, guide_publish
from conversations.models import (
    BusinessHours,
    Consultant,
    Guide,
    GuideStep,
    Macro,
    ServiceTarget,
    Team,
    WorkQueue,
)
from omnicqm.common.errors import OmniError
from omnicqm.console.base import BaseAdmin, EditableInline


class WordsField(forms.CharField):
    """A list of keys, written with commas: ``billing, en``."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = [word.strip() for word in str(value or "").split(",")]
        return [word for word in words if word]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class _CategoryForm(forms.ModelForm):
    """Where a category is named by its key it is chosen from those there are; one that is gone keeps its key."""

    every = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" not in self.fields:
            return
        titles = dict(Category.objects.values_list("key", "title"))
        if self.instance.category:
            titles.setdefault(self.instance.category, self.instance.category)
        choices = [*([("", self.every)] if self.every else []), *titles.items()]
        self.fields["category"] = forms.ChoiceField(
            choices=choices, required=not self.every, widget=UnfoldAdminSelectWidget
        )


class MemberInline(EditableInline):
    model = Consultant
    fields = ("user", "capacity", "is_away")
    readonly_fields = ("is_away",)  # who goes away hands over what they have: the action of `ConsultantAdmin`
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Team)
class TeamAdmin(BaseAdmin):
    list_display = ("name", "lead", "members")
    list_select_related = ("lead",)
    search_fields = ("name",)
    autocomplete_fields = ("lead",)
    inlines = (MemberInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(member_total=Count("consultants"))

    @display(description="Members", ordering="member_total")
    def members(self, team: Any) -> int:
        return team.member_total


class ConsultantForm(forms.ModelForm):
    skills = WordsField(required=False, help_text="categories and languages with commas, e.g. billing, en; empty: all")

    class Meta:
        model = Consultant
        fields = ("user", "team", "skills", "capacity")


@admin.register(Consultant)
class ConsultantAdmin(BaseAdmin):
    """What routing knows of people. Who goes away hands over what they have open."""

    form = ConsultantForm
    list_display = ("person", "team", "skill_list", "capacity", "presence")
    list_filter = ("team", "is_away")
    list_select_related = ("user", "team")
    search_fields = ("user__username", "user__first_name", "user__last_name")
    autocomplete_fields = ("user", "team")
    actions = ("send_away", "bring_back")

    def get_readonly_fields(self, request: HttpRequest, obj: Consultant | None = None) -> tuple[str, ...]:
        return ("user",) if obj else ()

    @action(description="Away: hand their open work over", permissions=["change"])
    def send_away(self, request: HttpRequest, queryset: QuerySet[Consultant]) -> None:
        actor: Any = request.user
        moved = sum(consultant_leave(user=row.user, actor=actor) for row in queryset.select_related("user"))
        messages.success(request, f"They are away. {moved} open case{'s' * (moved != 1)} handed over.")

    @action(description="There again", permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Consultant]) -> None:
        actor: Any = request.user
        for row in queryset.select_related("user"):
            consultant_return(user=row.user, actor=actor)
        messages.success(request, "They get work again.")

    @display(description="Consultant", ordering="user__first_name")
    def person(self, consultant: Consultant) -> str:
        return str(consultant)

    @display(description="Skills")
    def skill_list(self, consultant: Consultant) -> str:
        return ", ".join(consultant.skills) or "everything"

    @display(description="Presence", label={"away": "warning", "there": "success"})
    def presence(self, consultant: Consultant) -> str:
        return "away" if consultant.is_away else "there"


class WorkQueueForm(forms.ModelForm):
    categories = WordsField(required=False, help_text="keys of categories beside its own, with commas")
    skills = WordsField(required=False, help_text="wanted beside category and language, with commas")

    class Meta:
        model = WorkQueue
        fields = ("key", "title", "categories", "team", "skills", "routing")


@admin.register(WorkQueue)
class WorkQueueAdmin(BaseAdmin):
    form = WorkQueueForm
    list_display = ("title", "key", "team", "category_list", "routing")
    list_filter = ("team", "routing")
    list_select_related = ("team",)
    search_fields = ("key", "title")

    def get_readonly_fields(self, request: HttpRequest, obj: WorkQueue | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @display(description="Categories")
    def category_list(self, queue: WorkQueue) -> str:
        return ", ".join(queue.categories) or queue.key


@admin.register(BusinessHours)
class BusinessHoursAdmin(BaseAdmin):
    list_display = ("name", "time_zone", *BusinessHours.WEEKDAYS[:5], "is_default")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "time_zone", "is_default")}),
        ("The week", {"fields": BusinessHours.WEEKDAYS}),
        ("Closed", {"fields": ("holidays",)}),
    )


class ServiceTargetForm(_CategoryForm):
    every = "every category"

    class Meta:
        model = ServiceTarget
        fields = (
            *("category", "service_level", "first_minutes", "next_minutes", "resolution_minutes"),
            "business_hours",
        )


@admin.register(ServiceTarget)
class ServiceTargetAdmin(BaseAdmin):
    form = ServiceTargetForm
    list_display = ("__str__", "first_minutes", "next_minutes", "resolution_minutes", "business_hours")
    list_filter = ("service_level",)
    list_select_related = ("business_hours",)


class MacroForm(_CategoryForm):
    every = "everywhere"

    class Meta:
        model = Macro
        fields = ("title", "text", "category", "is_active")
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 8})}


@admin.register(Macro)
class MacroAdmin(BaseAdmin):
    form = MacroForm
    list_display = ("title", "category", "is_active")
    list_filter = ("is_active", "category")
    search_fields = ("title", "text")


class StepForm(forms.ModelForm):
    class Meta:
        model = GuideStep
        fields = ("position", "text", "detail")
        widgets = {"detail": UnfoldAdminTextareaWidget(attrs={"rows": 2})}


class StepInline(EditableInline):
    model = GuideStep
    form = StepForm
    extra = 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("conversations.change_guide")

    has_add_permission = has_delete_permission = has_change_permission


class GuideForm(_CategoryForm):
    class Meta:
        model = Guide
        fields = ("category", "title")


@admin.register(Guide)
class GuideAdmin(BaseAdmin):
    """Saving makes a new version, from then on the current one: what was ticked off in earlier cases stays."""

    form = GuideForm
    list_display = ("title", "category", "version", "is_current", "step_count")
    list_filter = ("is_current", "category")
    search_fields = ("title", "category")
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guide]:
        return super().get_queryset(request).annotate(step_total=Count("steps"))

    def get_readonly_fields(self, request: HttpRequest, obj: Guide | None = None) -> tuple[str, ...]:
        return ("category",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # ticks refer to it; publish another version instead

    def save_model(self, request: HttpRequest, obj: Guide, form: Any, change: bool) -> None:
        """Nothing yet: the guide is published whole, with its steps."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        kept = [row.cleaned_data for row in formsets[0] if row.cleaned_data and not row.cleaned_data.get("DELETE")]
        steps = [(row["text"], row["detail"]) for row in sorted(kept, key=lambda row: row["position"])]
        guide: Guide = form.instance
        actor: Any = request.user
        try:
            published = guide_publish(category=guide.category, title=guide.title, steps=steps, actor=actor)
        except OmniError as error:
            messages.error(request, f"Not published: {error.message}")
        else:
            guide.pk, guide.version = published.pk, published.version

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return [{"added" if add else "changed": {"fields": ["title", "steps"]}}]

    @display(description="Steps", ordering="step_total")
    def step_count(self, guide: Any) -> int:
        return guide.step_total
