"""Records on their way to the warehouse, and the objects they are stored in."""

from django.db import models
from django.utils import timezone

from omnicqm.common.ids import IdField


class OutboxBatch(models.Model):
    """One object of the store. Which records are in it never changes, so putting it again puts the same bytes."""

    id = IdField("bat")
    topic = models.CharField(max_length=80)
    hour = models.DateTimeField(help_text="the hour (UTC) in which its records happened")
    records_count = models.PositiveIntegerField("records")
    size = models.PositiveIntegerField("bytes")
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="not tried before; while it is being put, the lease")
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    stored_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "warehouse object"
        indexes = [
            models.Index(fields=["topic", "due_at"], condition=models.Q(stored_at=None), name="outbox_batch_open"),
            models.Index(fields=["stored_at"], name="outbox_batch_stored"),
        ]

    def __str__(self) -> str:
        return self.object_key

    @property
    def object_key(self) -> str:
        """``<topic>/year=2026/month=03/day=09/hour=07/<id>.jsonl``, the partitions Glue, Athena and Spectrum know."""
        return f"{self.topic}/{self.hour:year=%Y/month=%m/day=%d/hour=%H}/{self.pk}.jsonl"


class OutboxRecord(models.Model):
    """One line for the warehouse: what `topic` says happened `at` that time, once for each `key`."""

    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    payload = models.JSONField()
    size = models.PositiveIntegerField("bytes", help_text="of the payload as a line")
    batch = models.ForeignKey(OutboxBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="records")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "warehouse record"
        constraints = [models.UniqueConstraint(fields=["topic", "key"], name="outbox_once_by_key")]
        indexes = [
            models.Index(fields=["topic", "id"], condition=models.Q(batch=None), name="outbox_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
