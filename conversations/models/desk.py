"""How people's work is organised: teams, queues, targets, hours, and what helps them to answer."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.desk.hours import Calendar, calendar_read
from conversations.desk.placeholders import placeholder_problem
from conversations.models.people import Customer
from omnicqm.common.errors import InvalidInput
from omnicqm.common.ids import IdField

_LANGUAGE = re.compile(r"[a-z]{2}")
_MINUTES = [MinValueValidator(1), MaxValueValidator(60 * 24 * 365)]
key_validator = RegexValidator(r"^[a-z][a-z0-9_-]{0,39}$", "Use lower-case letters, digits, '-' and '_'; 40 at most.")


def is_language(skill: str) -> bool:
    """Whether a skill is a language: two lower-case letters. Every other one is a category's key."""
    return _LANGUAGE.fullmatch(skill) is not None


def skills_check(skills: object) -> None:
    """Raises `ValidationError` for anything but a list of category keys and languages."""
    if not isinstance(skills, list) or not all(isinstance(skill, str) for skill in skills):
        raise ValidationError("Write skills as a list of category keys and languages, e.g. billing, en.")
    if len(skills) > 100:
        raise ValidationError("Name 100 skills at most.")
    for skill in skills:
        key_validator(skill)


class Team(models.Model):
    """Consultants who share queues."""

    id = IdField("tea")
    name = models.CharField(max_length=80, unique=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="teams_led"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Consultant(models.Model):
    """What routing knows of a member of staff.

    `skills` are categories and languages. Who names no category takes every one, and the same holds for languages.
    """

    id = IdField("con")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consultant")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="consultants")
    skills = models.JSONField(
        default=list, blank=True, validators=[skills_check], help_text="category keys and languages, e.g. billing, en"
    )
    capacity = models.PositiveSmallIntegerField(
        default=8, validators=[MaxValueValidator(500)], help_text="open cases at the same time; beyond it none comes"
    )
    is_away = models.BooleanField("away", default=False, help_text="gets no work; what is open was handed over")
    leaving_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="the handing over of their work is not done yet"
    )

    class Meta:
        ordering = ["user__first_name", "user__last_name", "user__username"]

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    def save(self, *args: Any, **options: Any) -> None:
        """Who is set away, by whichever door, has their open work handed over by the sweep."""
        if not self.is_away:
            self.leaving_since = None
        elif not Consultant.objects.filter(pk=self.pk, is_away=True).exists():
            self.leaving_since = self.leaving_since or timezone.now()
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "leaving_since"}
        super().save(*args, **options)

    @property
    def categories(self) -> list[str]:
        return [skill for skill in self.skills if not is_language(skill)]

    @property
    def languages(self) -> list[str]:
        return [skill for skill in self.skills if is_language(skill)]


class BusinessHours(models.Model):
    """When people work, in a place. Clocks of a `ServiceTarget` with these hours run then only.

    A weekday is spans of the local wall clock: ``09:00-12:00, 13:00-17:30``; ``24:00`` is its end, empty is closed.
    """

    WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    _HELP = "e.g. 09:00-12:00, 13:00-17:30; empty: closed"

    id = IdField("bhr")
    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="e.g. Europe/Berlin")
    monday = models.CharField(max_length=100, blank=True, default="09:00-17:00", help_text=_HELP)
    tuesday = models.CharField(max_length=100, blank=True, default="09:00-17:00", help_text=_HELP)
    wednesday = models.CharField(max_length=100, blank=True, default="09:00-17:00", help_text=_HELP)
    thursday = models.CharField(max_length=100, blank=True, default="09:00-17:00", help_text=_HELP)
    friday = models.CharField(max_length=100, blank=True, default="09:00-17:00", help_text=_HELP)
    saturday = models.CharField(max_length=100, blank=True, help_text=_HELP)
    sunday = models.CharField(max_length=100, blank=True, help_text=_HELP)
    holidays = models.TextField(
        blank=True,
        max_length=10_000,
        help_text="closed days, one a line: 2026-12-24 for that year's, 12-25 for every year's; a name may follow",
    )
    is_default = models.BooleanField(
        "default", default=False, help_text="for whatever no service target speaks of; one at most"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = "business hours"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="business_hours_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calendar(self) -> Calendar:
        """Raises `InvalidInput` naming the field that cannot be read."""
        week = {day: getattr(self, day) for day in self.WEEKDAYS}
        return calendar_read(time_zone=self.time_zone, week=week, holidays=self.holidays)

    def clean(self) -> None:
        """Raises `ValidationError` by field: what is wrong and what to do."""
        try:
            _ = self.calendar
        except InvalidInput as error:
            raise ValidationError({error.param or "monday": error.message}) from error


class ServiceTarget(models.Model):
    """How soon a customer is to be answered, by category and service level; empty is every one.

    Of several that fit the most specific counts: both named, then the category, then the service level, then neither.
    Without any, `settings.ESCALATION_DUE_HOURS` says it.
    """

    id = IdField("slt")
    category = models.CharField(max_length=40, blank=True, help_text="a category's key; empty: all")
    service_level = models.CharField(
        max_length=20, choices=Customer.ServiceLevel.choices, blank=True, help_text="empty: all"
    )
    first_minutes = models.PositiveIntegerField("first response", validators=_MINUTES, help_text="minutes")
    next_minutes = models.PositiveIntegerField("next response", validators=_MINUTES, help_text="minutes")
    resolution_minutes = models.PositiveIntegerField(
        "resolution", validators=_MINUTES, null=True, blank=True, help_text="minutes; empty: no such clock"
    )
    business_hours = models.ForeignKey(
        BusinessHours,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        help_text="when the clocks run; empty: day and night",
    )

    class Meta:
        ordering = ["category", "service_level"]
        constraints = [
            models.UniqueConstraint(fields=["category", "service_level"], name="service_target_once"),
            models.CheckConstraint(
                condition=Q(first_minutes__gte=1, next_minutes__gte=1)
                & (Q(resolution_minutes__isnull=True) | Q(resolution_minutes__gte=1)),
                name="service_target_minutes_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or 'every category'}, {self.service_level or 'every service level'}"


class WorkQueue(models.Model):
    """A consultants' queue; `key` is what `Escalation.queue` names.

    It takes the escalations of its `categories`, or of the category with its own key. `balanced` gives each to the
    present member of the team who has the skills, room, and the least to do; `manual` lets consultants take them.
    """

    class Routing(models.TextChoices):
        MANUAL = "manual", "Consultants take the next"
        BALANCED = "balanced", "Given to who has the least to do"

    key = models.CharField(max_length=40, primary_key=True, validators=[key_validator])
    title = models.CharField(max_length=80)
    categories = models.JSONField(
        default=list, blank=True, validators=[skills_check], help_text="keys of categories beside its own"
    )
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="queues")
    skills = models.JSONField(
        default=list, blank=True, validators=[skills_check], help_text="wanted beside category and language"
    )
    routing = models.CharField(max_length=10, choices=Routing.choices, default=Routing.MANUAL)

    class Meta:
        ordering = ["title"]
        verbose_name = "queue"

    def __str__(self) -> str:
        return self.title


class Macro(models.Model):
    """A text that consultants use often. `text` is Markdown with {customer_name}, {reference}, {consultant_name}."""

    id = IdField("mac")
    title = models.CharField(max_length=80, unique=True)
    text = models.TextField(max_length=10_000)
    category = models.CharField(max_length=40, blank=True, help_text="offered first there; empty: everywhere")
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raises `ValidationError` for a placeholder that nobody fills."""
        if problem := placeholder_problem(self.text):
            raise ValidationError({"text": problem})


class Guide(models.Model):
    """One version of the steps for a category. Those ticked off stay what they were when a newer one comes."""

    id = IdField("gui")
    category = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    is_current = models.BooleanField("current", default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["category", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["category", "version"], name="guide_version_once"),
            models.UniqueConstraint(fields=["category"], condition=Q(is_current=True), name="guide_one_current"),
            models.CheckConstraint(condition=~Q(category=""), name="guide_has_category"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class GuideStep(models.Model):
    """One thing to do, `position` counted from 1."""

    id = IdField("gst")
    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    detail = models.TextField(blank=True, max_length=4000, help_text="how, and what to look out for")

    class Meta:
        ordering = ["guide", "position"]
        constraints = [models.UniqueConstraint(fields=["guide", "position"], name="guide_step_once")]

    def __str__(self) -> str:
        return self.text


class GuideTick(models.Model):
    """Somebody did a step for an escalation."""

    id = IdField("gtk")
    escalation = models.ForeignKey("conversations.Escalation", on_delete=models.CASCADE, related_name="ticks")
    step = models.ForeignKey(GuideStep, on_delete=models.PROTECT, related_name="ticks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["escalation", "step"], name="guide_tick_once")]

    def __str__(self) -> str:
        return f"{self.step_id} of {self.escalation_id}"
