"""Cases in the company's CRM, one for each conversation that people had."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class CrmCase(models.Model):
    """A conversation as a CRM knows it, and whether it knows the newest of it.

    Noted in the transaction of what changed; `version` counts the notes. A worker claims it with a lease, so that one
    request at a time is under way for a case. What is sent is what holds when it is sent.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SYNCED = "synced", "In the CRM"
        FAILED = "failed", "Refused: a person looks"

    id = IdField("crm")
    crm = models.CharField("CRM", max_length=20, default="salesforce")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="crm_cases")
    external_id = models.CharField(max_length=40, help_text="our id, by which the CRM finds its record again")
    remote_id = models.CharField("id in the CRM", max_length=40, blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="where people open it")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    version = models.PositiveIntegerField(default=1, help_text="how many changes have been noted")
    synced_hash = models.CharField(max_length=64, blank=True, help_text="of what the CRM has got last")
    tries = models.PositiveIntegerField(default=0, help_text="since it was last in the CRM")
    due_at = models.DateTimeField(default=timezone.now, help_text="not to be sent before")
    lease_token = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    away_until = models.DateTimeField(
        null=True, blank=True, help_text="this try found the CRM away: no case is sent before"
    )
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "CRM case"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["crm", "conversation"], name="crm_case_once"),
            models.CheckConstraint(
                condition=~Q(state="synced") | Q(synced_at__isnull=False) & ~Q(remote_id=""),
                name="crm_case_synced_is_there",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="crm_case_pending"),
            models.Index(fields=["created_at"], condition=Q(state="failed"), name="crm_case_failed"),
        ]

    def __str__(self) -> str:
        return self.remote_id or self.external_id
