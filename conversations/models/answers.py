"""Pending work and what it leads to: queries and deliveries."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Query(models.Model):
    """An inbound message that wants an answer; the record of pending work.

    A worker claims it by a conditional UPDATE to `working` with a lease; whoever finishes it must still hold the lease
    (`lease_token`), so that a worker that was thought dead cannot answer a second time.
    """

    class Status(models.TextChoices):
        RECEIVED = "received"
        WORKING = "working"
        ANSWERED = "answered"
        ESCALATED = "escalated"
        CLARIFICATION = "clarification"
        IGNORED = "ignored"
        FAILED = "failed"

    PENDING = (Status.RECEIVED, Status.WORKING)

    id = IdField("qry")
    message = models.OneToOneField("conversations.Message", on_delete=models.PROTECT, related_name="query")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="queries")
    channel = models.ForeignKey("conversations.Channel", on_delete=models.PROTECT, related_name="+")
    client = models.CharField(max_length=100, blank=True, help_text="the API client that sent it; only it may read it")
    callback_url = models.URLField(max_length=2000, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.RECEIVED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="not to be claimed before")
    lease_token = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    run = models.ForeignKey("agents.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reply = models.ForeignKey("conversations.Message", on_delete=models.PROTECT, null=True, related_name="answers")
    answered_with = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="coalesced",
        help_text="the later query whose reply answers this one too",
    )
    reason = models.CharField(max_length=200, blank=True, help_text="why it was ignored or failed")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "queries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(status="working"), name="query_one_run_per_conversation"
            ),
            models.CheckConstraint(
                condition=Q(status="working", lease_until__isnull=False) & ~Q(lease_token="")
                | ~Q(status="working") & Q(lease_until__isnull=True, lease_token=""),
                name="query_working_holds_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "working"], finished_at__isnull=True)
                | ~Q(status__in=["received", "working"]) & Q(finished_at__isnull=False),
                name="query_finished_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["answered", "clarification"]) | Q(reply__isnull=False),
                name="query_answered_has_reply",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["received", "working"]), name="query_pending"),
            models.Index(fields=["created_at"], name="query_came"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_pending(self) -> bool:
        return self.status in self.PENDING


class Delivery(models.Model):
    """One attempt series to carry a reply, or the news of a query's end, out.

    A callback tells the machine that sent the query how it ended (`event`); an e-mail or a live event carries a
    message to the customer. Each is made once per (query or message, kind, event).
    """

    class Kind(models.TextChoices):
        CALLBACK = "callback"
        MAIL = "mail"
        LIVE = "live"

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        DELIVERED = "delivered"
        FAILED = "failed"
        UNKNOWN = "unknown", "Outcome unknown: a person looks"

    id = IdField("dlv")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    event = models.CharField(max_length=40, help_text="query.answered, query.escalated, …")
    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="deliveries")
    message = models.ForeignKey(
        "conversations.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    target = models.CharField(max_length=2000, help_text="callback URL or address")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["query", "kind", "event", "message"], name="delivery_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False), name="delivery_delivered_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["pending", "sending"]), name="delivery_pending"),
            models.Index(fields=["created_at"], name="delivery_made"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"
