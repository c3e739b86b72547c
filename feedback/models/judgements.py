"""What the judge says of what the agent wrote, and where people overruled it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.types import Aspect, Grade
from omnicqm.common.ids import IdField

_GRADES = [(grade.value, grade.name.capitalize()) for grade in Grade]


class Judgement(models.Model):
    """The scores (0 to 1) of one text that one version of the judge has read; the row is also the pending work.

    A judge that gives no usable answer leaves a `failed` row without scores: nothing is ever made up. `verdict` is the
    worst grade of the three. What a call cost is in the ledger, under the id of the judgement.
    """

    class Kind(models.TextChoices):
        REPLY = "reply"
        QUESTION = "question", "Question back"
        DRAFT = "draft", "Suggestion for a consultant"

    class State(models.TextChoices):
        PENDING = "pending"
        JUDGED = "judged"
        FAILED = "failed", "No judgement"

    id = IdField("jdg")
    run = models.ForeignKey("agents.Run", on_delete=models.CASCADE, related_name="judgements")
    kind = models.CharField(max_length=10, choices=Kind.choices, help_text="what the run wrote")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    judge = models.CharField(max_length=10, choices=[("model", "Model"), ("embedded", "Embedded")])
    judge_version = models.CharField(max_length=40, help_text="of the judge, with the beginning of its hash")
    judge_hash = models.CharField(max_length=64, help_text="of the judge's prompts and rules")
    model = models.CharField(max_length=120, blank=True, help_text="that judged")
    verdict = models.CharField(max_length=10, choices=_GRADES, blank=True)
    relevance = models.FloatField(null=True)
    relevance_label = models.CharField(max_length=10, choices=_GRADES, blank=True)
    relevance_rationale = models.TextField(blank=True)
    accuracy = models.FloatField(null=True, help_text="empty when the text states nothing that could be checked")
    accuracy_label = models.CharField(max_length=10, choices=_GRADES, blank=True)
    accuracy_rationale = models.TextField(blank=True)
    safety = models.FloatField(null=True)
    safety_label = models.CharField(max_length=10, choices=_GRADES, blank=True)
    safety_rationale = models.TextField(blank=True)
    claims = models.JSONField(default=list, help_text="[{text, supported, sources}], the checked statements")
    claims_supported = models.PositiveSmallIntegerField(default=0)
    claims_unsupported = models.PositiveSmallIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    latency_ms = models.PositiveIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="not to be taken up before")
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["run", "judge_version"], name="judgement_once"),
            models.CheckConstraint(
                condition=~Q(state="judged")
                | Q(judged_at__isnull=False, relevance__range=(0, 1), safety__range=(0, 1)) & ~Q(verdict=""),
                name="judgement_judged_has_scores",
            ),
            models.CheckConstraint(
                condition=Q(state="judged")
                | Q(relevance__isnull=True, accuracy__isnull=True, safety__isnull=True, verdict=""),
                name="judgement_scores_only_when_judged",
            ),
            models.CheckConstraint(
                condition=Q(accuracy__isnull=True) | Q(accuracy__range=(0, 1)), name="judgement_accuracy_in_range"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="judgement_pending"),
            models.Index(fields=["-created_at"], name="judgement_latest"),
            models.Index(fields=["judged_at"], name="judgement_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.verdict or self.state}"


class Overruling(models.Model):
    """A person says what a score should have been. Rows are kept; of each aspect the last one `is_current`."""

    id = IdField("ovr")
    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="overrulings")
    aspect = models.CharField(max_length=10, choices=[(aspect.value, aspect.name.capitalize()) for aspect in Aspect])
    value = models.FloatField(help_text="0 to 1")
    label = models.CharField(max_length=10, choices=_GRADES)
    before = models.FloatField(null=True, help_text="the score that held until then")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=100, help_text="user:3")
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(value__range=(0, 1)), name="overruling_in_range"),
            models.UniqueConstraint(
                fields=["judgement", "aspect"], condition=Q(is_current=True), name="overruling_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.aspect}: {self.value:g}"


class Agreement(models.Model):
    """How far one version of the judge scores as people do, as `judge_calibrate` has measured it."""

    id = IdField("agr")
    judge_version = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    data = models.CharField(max_length=200, help_text="what people have scored")
    figures = models.JSONField(help_text="aspect: {measure: [value, low, high], n}")
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-measured_at"]
        constraints = [
            models.UniqueConstraint(fields=["judge_version", "model", "data"], name="agreement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.judge_version} on {self.data}"
