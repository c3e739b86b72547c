"""Tables everybody needs: the audit trail, idempotency records and the cost ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class AuditEvent(models.Model):
    """Who did what to which object. Holds ids, never content."""

    id = IdField("aud")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=100, help_text="user:3, client:abc, customer:cus_…, system:worker")
    action = models.CharField(max_length=60, help_text="object.verb, e.g. escalation.sent")
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    details = models.JSONField(default=dict, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"


class IdempotencyRecord(models.Model):
    """The answer that was given to an ``Idempotency-Key``, so that a repetition gets the same one."""

    id = IdField("idk")
    client = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty while the first request runs")
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="idempotency_once_per_client")]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One call to a model, speech or embedding service: the row of the cost ledger."""

    class Outcome(models.TextChoices):
        OK = "ok"
        ERROR = "error"
        TIMEOUT = "timeout"
        ABANDONED = "abandoned"

    id = IdField("att")
    at = models.DateTimeField(default=timezone.now)
    purpose = models.CharField(max_length=40, help_text="gather, assess, compose, embed, …")
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    scope = models.CharField(max_length=120, blank=True, help_text="opaque, e.g. channel:outlook")
    run_id = models.CharField(max_length=40, blank=True, db_index=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cache_read_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, default=0)
    tier = models.CharField(max_length=20, blank=True, help_text="the service tier that was billed")
    price_version = models.CharField(max_length=40, blank=True, help_text="of the price table")
    latency_ms = models.PositiveIntegerField()
    first_byte_ms = models.PositiveIntegerField(null=True, help_text="until the first text came; only when streamed")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [  # what a day cost, in all and by scope, is asked before every call
            models.Index(fields=["at"], include=["cost_usd"], name="attempt_money"),
            models.Index(fields=["scope", "at"], include=["cost_usd"], name="attempt_money_of_scope"),
        ]
        constraints = [models.CheckConstraint(condition=Q(cost_usd__gte=0), name="attempt_cost_not_negative")]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model}: {self.outcome}"


class ClientGrant(models.Model):
    """The scopes an API client may ask for. Without a row it may ask for none."""

    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE, related_name="granted", primary_key=True
    )
    scopes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.application} {' '.join(self.scopes)}"
