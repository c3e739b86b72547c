"""Alerts: the rules, how each stands, what fired, who is told and what they were sent."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, validate_email
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from omnicqm.common.errors import InvalidInput
from omnicqm.common.ids import IdField
from omnicqm.common.outgoing import outgoing_url_check
from omnicqm.common.sealing import secret_open, secret_seal

MOST_EVALUATIONS = 20


class AlertRule(models.Model):
    """When to tell people. What is measured is the signal of the same key (`analytics.alerts.signals`)."""

    key = models.SlugField(max_length=40, primary_key=True, editable=False)
    enabled = models.BooleanField(default=True)
    threshold = models.FloatField(help_text="bad above it")
    clear_below = models.FloatField(help_text="good again below it; not above the threshold")
    window_minutes = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(10_080)], help_text="what is looked at: the last … minutes"
    )
    least_sample = models.PositiveIntegerField(
        default=1, help_text="with fewer cases nothing is concluded, neither good nor bad"
    )
    hits = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_EVALUATIONS)],
        help_text="fires after so many bad evaluations, and ends after as many good ones in a row",
    )
    of_last = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_EVALUATIONS)],
        help_text="among the last … evaluations; there is one every half minute",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=Q(clear_below__lte=F("threshold")), name="alert_rule_clears_below"),
            models.CheckConstraint(condition=Q(hits__lte=F("of_last"), hits__gte=1), name="alert_rule_hits_of_last"),
        ]

    def __str__(self) -> str:
        return self.key.replace("_", " ").capitalize()

    def clean(self) -> None:
        """Raises `ValidationError` by field: what is wrong and what to do."""
        problems = {}
        if None not in (self.threshold, self.clear_below) and self.clear_below > self.threshold:
            problems["clear_below"] = f"Choose at most the threshold, {self.threshold:g}."
        if None not in (self.hits, self.of_last) and self.hits > self.of_last:
            problems["hits"] = f"There are only {self.of_last} evaluations to be bad."
        if problems:
            raise ValidationError(problems)


class AlertState(models.Model):
    """How a rule stands. Written by the evaluation alone.

    `recent` has a letter for each of the last evaluations, the newest last: `+` bad, `-` good, `=` between the two
    bars, `?` too few cases.
    """

    rule = models.OneToOneField(AlertRule, on_delete=models.CASCADE, related_name="state", primary_key=True)
    evaluated_at = models.DateTimeField(null=True)
    value = models.FloatField(null=True, help_text="empty with too few cases")
    sample = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)
    recent = models.CharField(max_length=MOST_EVALUATIONS, blank=True)
    error = models.CharField(max_length=200, blank=True, help_text="why it could not be measured")

    def __str__(self) -> str:
        return self.rule_id


class Alert(models.Model):
    """One time a rule fired, from then until it was good again."""

    id = IdField("alr")
    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="alerts")
    fired_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(help_text="when it fired")
    worst = models.FloatField(help_text="since then")
    threshold = models.FloatField(help_text="as it was when it fired")
    sample = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-fired_at"]
        constraints = [
            models.UniqueConstraint(fields=["rule"], condition=Q(resolved_at=None), name="alert_open_once"),
        ]
        indexes = [models.Index(fields=["-fired_at"], name="alert_latest")]

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class AlertReceiver(models.Model):
    """Who is told of alerts, and how."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        MAIL = "mail", "E-mail"

    id = IdField("rcv")
    name = models.CharField(max_length=80, help_text="for yourselves, e.g. On-call channel")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    target = models.CharField(max_length=2000, help_text="an https address, or an e-mail address")
    enabled = models.BooleanField(default=True)
    rules = models.ManyToManyField(
        AlertRule, blank=True, related_name="receivers", help_text="none chosen: all of them"
    )
    sealed_secret = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What signs webhooks. Raises `ConfigurationError` when SECRET_KEY has changed since it was stored."""
        return secret_open(self.sealed_secret)

    def secret_set(self, text: str) -> None:
        self.sealed_secret = secret_seal(text)

    def clean(self) -> None:
        """Raises `ValidationError` naming the field."""
        try:
            if self.kind == self.Kind.MAIL:
                validate_email(self.target)
            elif self.kind == self.Kind.WEBHOOK:
                outgoing_url_check(self.target, param="target")
        except ValidationError as error:
            raise ValidationError({"target": "Write an e-mail address, e.g. ops@example.com."}) from error
        except InvalidInput as error:
            raise ValidationError({"target": f"{error.message} Write a whole address, https://…"}) from error


class AlertNotice(models.Model):
    """What one receiver is told of one transition: once. It waits here until it has arrived."""

    class Transition(models.TextChoices):
        FIRED = "fired"
        RESOLVED = "resolved"

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNKNOWN = "unknown", "Outcome unknown"

    id = IdField("ntc")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    transition = models.CharField(max_length=10, choices=Transition.choices)
    receiver = models.ForeignKey(AlertReceiver, on_delete=models.CASCADE, related_name="notices")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "transition", "receiver"], name="alert_notice_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["pending", "sending"]), name="alert_notice_due"),
        ]

    def __str__(self) -> str:
        return f"{self.transition} {self.alert_id}"
