"""Queries handed to people, and the replies that may still be taken back."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from omnicqm.common.ids import IdField

SUMMARY_CHARS = 200


class Escalation(models.Model):
    """A query handed to people, with everything they need.

    `open` is nobody's yet, `assigned` a consultant's, `waiting` answered and the customer's turn: it stays its
    consultant's and their next message brings it back. `answered` and `closed` are over. While it is `waiting` its
    clocks stand still: `response_due_at` is empty, and `resolution_due_at` is moved when it goes on. `due_at` is the
    clock that runs out first.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ASSIGNED = "assigned"
        WAITING = "waiting", "Waiting for the customer"
        ANSWERED = "answered"
        CLOSED = "closed", "Closed without a reply"

    class Priority(models.IntegerChoices):
        URGENT = 1
        HIGH = 2
        NORMAL = 3
        LOW = 4

    class Resolution(models.TextChoices):
        SOLVED = "solved"
        DUPLICATE = "duplicate", "Duplicate of another case"
        NO_REPLY_NEEDED = "no_reply_needed", "No reply needed"
        SPAM = "spam"
        CUSTOMER_GONE = "customer_gone", "The customer does not answer any more"
        OTHER = "other"

    OWED = (State.OPEN, State.ASSIGNED)  # the customer waits for us
    ACTIVE = (*OWED, State.WAITING)
    OVER = (State.ANSWERED, State.CLOSED)

    id = IdField("esc")
    query = models.OneToOneField("conversations.Query", on_delete=models.PROTECT, related_name="escalation")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="escalations")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    queue = models.CharField(max_length=40, default="general", help_text="key of a WorkQueue, or a category's")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    language = models.CharField(max_length=10, blank=True, help_text="of the customer's words, e.g. en")
    summary = models.CharField(max_length=SUMMARY_CHARS, blank=True, help_text="the matter in one line")
    reasons = models.JSONField(default=list)
    factors = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="names of the factors that the agent has seen; the packet says more about each",
    )
    score = models.PositiveSmallIntegerField(null=True, help_text="empty when the agent could not score")
    explanation = models.TextField(blank=True)
    draft = models.TextField(blank=True, help_text="suggested reply, Markdown")
    draft_sources = models.JSONField(default=list)
    packet = models.JSONField(default=dict, help_text="handoff: summary, factors, internal passages, profile")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_at = models.DateTimeField(help_text="of the running clocks the one that ends first; lists are ordered by it")
    response_due_at = models.DateTimeField(
        null=True, blank=True, help_text="first or next response; empty while nobody waits for us"
    )
    resolution_due_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="for the customer: the clocks stand still")
    waited_s = models.PositiveBigIntegerField(default=0, help_text="seconds the clocks have stood still, until now")
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text="not shown among the work until then")
    reply = models.OneToOneField("conversations.Message", on_delete=models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=20, choices=Resolution.choices, blank=True)
    resolution_note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at"]
        permissions = [("assign_escalation", "Can give escalations to others")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(reply__isnull=False, closed_at__isnull=False),
                name="escalation_answered_has_reply",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(assignee__isnull=False), name="escalation_assigned_has_assignee"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", waiting_since__isnull=False, reply__isnull=False)
                | ~Q(state="waiting") & Q(waiting_since__isnull=True),
                name="escalation_waiting_since",
            ),
            models.CheckConstraint(condition=Q(priority__range=(1, 4)), name="escalation_priority_known"),
            models.CheckConstraint(condition=~Q(queue=""), name="escalation_has_queue"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "priority", "created_at"],
                include=["state", "assignee", "snoozed_until"],  # counts need nothing else
                condition=Q(state__in=["open", "assigned", "waiting"]),
                name="escalation_active",
            ),
            GinIndex(
                fields=["reasons"],
                opclasses=["jsonb_path_ops"],
                condition=Q(state__in=["open", "assigned", "waiting"]),
                name="escalation_by_reason",
            ),
            models.Index(
                fields=["due_at", "priority", "created_at"], condition=Q(state="open"), name="escalation_unassigned"
            ),
            models.Index(
                fields=["assignee", "due_at", "priority", "created_at"],
                condition=Q(state__in=["open", "assigned", "waiting"]),
                name="escalation_of_assignee",
            ),
            models.Index(
                fields=["queue", "due_at", "priority", "created_at"],
                condition=Q(state__in=["open", "assigned", "waiting"]),
                name="escalation_of_queue",
            ),
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="escalation_snoozed"),
            models.Index(fields=["waiting_since"], condition=Q(state="waiting"), name="escalation_waiting"),
            models.Index(F("closed_at").desc(), condition=Q(closed_at__isnull=False), name="escalation_resolved"),
            models.Index(fields=["created_at"], name="escalation_came"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > timezone.now()


class HeldReply(models.Model):
    """A consultant's reply in the seconds in which it can be taken back; one for each escalation.

    `held` goes out at `send_at` unless something changes. `undone` was taken back, `stopped` could not be sent
    (`reason` says why, in a sentence for the consultant): then `text` is the draft again. `sent` is kept without its
    text, as the proof that pressing twice sends once.
    """

    class State(models.TextChoices):
        HELD = "held"
        SENT = "sent"
        UNDONE = "undone", "Taken back"
        STOPPED = "stopped", "Could not be sent"

    class Then(models.TextChoices):
        ANSWERED = "answered", "Send, and the assistant goes on"
        WAITING = "waiting", "Send and wait for the customer"
        RESOLVE = "resolve", "Send and resolve"

    DRAFT = (State.UNDONE, State.STOPPED)  # their text is what the consultant goes on with

    id = IdField("hld")
    escalation = models.OneToOneField(Escalation, on_delete=models.CASCADE, related_name="held_reply")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True, help_text="Markdown")
    draft = models.TextField(blank=True, help_text="the suggestion that was shown when it was written")
    draft_key = models.CharField(
        max_length=30, blank=True, default="", db_default="", help_text="which one of the case that was"
    )
    known_seq = models.PositiveIntegerField(help_text="the newest message the consultant had seen")
    then = models.CharField(max_length=10, choices=Then.choices, default=Then.ANSWERED)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was stopped")
    reason_code = models.CharField(max_length=40, blank=True, help_text="code of the error that stopped it")
    tries = models.PositiveSmallIntegerField(default=0, help_text="attempts to send it that broke")
    send_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "held reply"
        verbose_name_plural = "held replies"
        ordering = ["send_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", ended_at__isnull=True) | ~Q(state="held") & Q(ended_at__isnull=False),
                name="held_reply_ended_has_time",
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(text=""), name="held_reply_has_text"),
        ]
        indexes = [models.Index(fields=["send_at"], condition=Q(state="held"), name="held_reply_due")]

    def __str__(self) -> str:
        return self.id

    def seconds_left(self, *, now: datetime | None = None) -> float:
        """Until it goes out; 0 when it is due or no longer held."""
        if self.state != self.State.HELD:
            return 0.0
        return max(0.0, (self.send_at - (now or timezone.now())).total_seconds())
