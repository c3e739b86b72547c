"""What of each run is to be shown in MLflow, and whether it is."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class RunTrace(models.Model):
    """That a run has ended and its trace is due: the row is the pending work, MLflow a window to what we have.

    `question`, `reply` and `calls` hold no personal data: tokens stand for it, and who knew which has forgotten.
    `session` and `subject` are opaque: which runs belong together, and a pseudonym of whom they are about.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        EXPORTED = "exported"
        DROPPED = "dropped"
        ERASING = "erasing", "To be deleted"
        ERASED = "erased", "Deleted"

    run = models.OneToOneField("agents.Run", on_delete=models.CASCADE, primary_key=True, related_name="trace")
    session = models.CharField(max_length=40, blank=True, db_index=True)
    subject = models.CharField(max_length=64, blank=True, db_index=True)
    question = models.TextField(blank=True)
    reply = models.TextField(blank=True)
    calls = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="what models were told and answered, by the ids of their attempts",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    revision = models.PositiveIntegerField(default=0, help_text="counts what has changed since the trace was due first")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="not to be taken up before")
    written = models.BooleanField(default=False, help_text="something of it may be in MLflow already")
    experiment_id = models.CharField(max_length=40, blank=True, help_text="where in MLflow")
    error = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["pending", "erasing"]), name="trace_due"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.state}"
