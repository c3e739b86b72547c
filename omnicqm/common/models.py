"""Tables everybody needs: the audit trail, idempotency records and the cost ledger."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField
from omnicqm.common.outbox.models import OutboxBatch as OutboxBatch
from omnicqm.common.outbox.models import OutboxRecord as OutboxRecord


class AuditEvent(models.Model):
    """Who did what to which object. Holds ids, never content.

    `mark` is made with the row, `number` and `seal` shortly after, when the row joins the chain: see
    `omnicqm.common.services.audit_chain`.
    """

    id = IdField("aud")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.CharField(max_length=100, help_text="user:3, client:abc, customer:cus_…, system:worker")
    action = models.CharField(max_length=60, help_text="object.verb, e.g. escalation.sent")
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    details = models.JSONField(default=dict, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    once = models.CharField(max_length=64, null=True, unique=True, editable=False, help_text="of what is noted once")
    mark = models.CharField(max_length=64, blank=True, editable=False, help_text="keyed hash of the row itself")
    number = models.BigIntegerField(null=True, unique=True, editable=False, help_text="place in the chain, from 1")
    sealed_at = models.DateTimeField(null=True, editable=False)
    seal = models.CharField(max_length=64, blank=True, editable=False, help_text="keyed hash over row and seal before")

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["object_type", "object_id"]),
            models.Index(fields=["actor", "-at"], name="audit_by_actor"),
            models.Index(fields=["action", "-at"], name="audit_by_action"),
            models.Index(fields=["id"], condition=Q(number__isnull=True), name="audit_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"


class AuditHead(models.Model):
    """The end of the audit chain: how long it is, and its last seal. One row; who seals holds it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)
    mark = models.CharField(max_length=64, blank=True, help_text="keyed hash of both")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return f"{self.number}:{self.seal}"


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
    """What an API client may do. Without a row it may do nothing."""

    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE, related_name="granted", primary_key=True
    )
    scopes = models.JSONField(default=list)
    requests_per_minute = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="empty: what OMNICQM_API_REQUESTS_PER_MINUTE says",
    )
    earlier_secret = models.CharField(max_length=255, blank=True, help_text="hash of the secret before the current one")
    earlier_until = models.DateTimeField(null=True, blank=True, help_text="empty: valid until it is ended by hand")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.application} {' '.join(self.scopes)}"

    @property
    def has_earlier_secret(self) -> bool:
        """The secret before the current one still opens the door."""
        return bool(self.earlier_secret) and (self.earlier_until is None or self.earlier_until > timezone.now())


class ClientUse(models.Model):
    """How much an API client asked for on a day (UTC)."""

    application = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE, related_name="uses"
    )
    day = models.DateField()
    requests = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0, help_text="beyond its rate")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "day"], name="client_use_once_a_day")]

    def __str__(self) -> str:
        return f"{self.application} {self.day}"
