"""Follow-up tasks: what somebody was promised and a person has to do."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class FollowUp(models.Model):
    """A task that the agent opened in a conversation, because the customer was told that somebody would act.

    `key` is the idempotency key of the call that opened it: however often a run is resumed or repeated, one row.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled", "No longer needed"

    id = IdField("fup")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="follow_ups")
    what = models.CharField("what was promised", max_length=300)
    due_on = models.DateField("due")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=500, blank=True, help_text="what was done, for colleagues")
    run = models.ForeignKey("agents.Run", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "follow-up task"
        ordering = ["due_on", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | ~Q(state="open") & Q(closed_at__isnull=False),
                name="follow_up_closed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="follow_up_open")]

    def __str__(self) -> str:
        return self.what
