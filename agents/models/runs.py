"""Runs of the agent and their steps. Knows no customer, channel or socket."""

from django.contrib.postgres.indexes import GinIndex
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
    vector = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="what the gate judged, whatever weights and threshold say",
    )
    shadow = models.CharField(
        max_length=10, blank=True, db_default="", help_text="what it would have decided alone; only in the shadow"
    )
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
        indexes = [  # what people look for among many, the newest first
            models.Index(fields=["scope", "-started_at"], name="run_of_scope"),
            models.Index(fields=["decision", "-started_at"], name="run_decided"),
            models.Index(fields=["category", "-started_at"], name="run_of_category"),
            models.Index(fields=["model_used", "-started_at"], name="run_by_model"),
            models.Index(fields=["prompt_version", "-started_at"], name="run_by_prompts"),
            models.Index(fields=["prompt_hash"], name="run_by_prompt_hash", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["cost_usd"], name="run_dearest"),
            models.Index(fields=["latency_ms"], name="run_slowest"),
            models.Index(fields=["score"], name="run_by_score"),
            models.Index(fields=["finished_at"], name="run_ended"),
            GinIndex(fields=["factors"], name="run_with_factor"),
        ]
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
    started_at = models.DateTimeField(default=timezone.now, help_text="when it began")
    latency_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["run", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="run_step_once")]

    def __str__(self) -> str:
        return f"{self.index} {self.kind} {self.name}"


class RunReplay(models.Model):
    """A run done again with something changed, to see the difference. What it led to is a run of its own, whose scope
    is ``replay`` and which touched nothing."""

    class State(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed", "Could not be done"

    OPEN = (State.WAITING, State.WORKING)

    id = IdField("rpl")
    original = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="replays")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, null=True, related_name="replay")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    model = models.CharField(max_length=40, blank=True, help_text="the alias asked; empty: the route of settings")
    prompts = models.CharField(max_length=80, blank=True, help_text="the folder; empty: the prompts in use")
    threshold = models.PositiveSmallIntegerField(null=True, help_text="empty: as channel and category say")
    reason = models.CharField(max_length=300, blank=True, help_text="why it could not be done")
    actor = models.CharField(max_length=100, help_text="who wanted it: user:3")
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(threshold__lte=100), name="replay_threshold_at_most_100"),
            models.CheckConstraint(condition=~Q(state="done") | Q(run__isnull=False), name="replay_done_has_run"),
        ]
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="replay_of_actor"),
            models.Index(fields=["created_at"], condition=Q(state__in=["waiting", "working"]), name="replay_open"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
