"""Runs of the agent and their steps. Knows no customer, channel or socket."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.types import Decision
from omnicqm.common.ids import IdField


class Run(models.Model):
    """One execution of the agent loop for a query. Written by the agent alone."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    id = IdField("run")
    scope = models.CharField(max_length=120, db_index=True)
    origin = models.CharField(max_length=60, blank=True, db_index=True, help_text="what all runs on one message share")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="of what the run was asked")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    error_code = models.CharField(max_length=40, blank=True)
    decision = models.CharField(max_length=10, choices=[(d, d.value) for d in Decision], blank=True)
    reasons = models.JSONField(default=list)
    blockers = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(null=True)
    threshold = models.PositiveSmallIntegerField(null=True)
    factors = models.JSONField(default=dict, help_text="factor: {count, weight, evidence}")
    explanation = models.TextField(blank=True)
    intent = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=40, blank=True, db_index=True)
    support = models.FloatField(null=True)
    reply_text = models.TextField(blank=True)
    sources = models.JSONField(default=list)
    model_used = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    latency_ms = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=100), name="run_score_at_most_100"),
            models.CheckConstraint(
                condition=~Q(state="finished") | Q(finished_at__isnull=False, score__isnull=False) & ~Q(decision=""),
                name="run_finished_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(decision="auto_send") | Q(score__gte=F("threshold")),
                name="run_sent_alone_only_above_threshold",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class RunStep(models.Model):
    """One step of a run, stored as it happens."""

    class Kind(models.TextChoices):
        MODEL = "model"
        TOOL = "tool"
        ASSESS = "assess"
        GATE = "gate"
        COMPOSE = "compose"
        GUARD = "guard"
        SCREEN = "screen"
        RESUME = "resume"

    id = IdField("stp")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    index = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60)
    input = models.JSONField(default=dict)
    output = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    latency_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["run", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="run_step_once")]

    def __str__(self) -> str:
        return f"{self.index} {self.kind} {self.name}"
