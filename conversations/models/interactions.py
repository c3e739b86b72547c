"""Interactions: every touch with a customer, on whatever channel it was, in one list."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Interaction(models.Model):
    """One recorded touch with a customer: a message of ours, or a call, visit or task that another system told of.

    A message of ours is not written twice: `message` holds its text, and `detail` stays empty. An imported one is
    known by (channel, external_id), so that telling of it again adds nothing.
    """

    class Source(models.TextChoices):
        MESSAGE = "message", "A message of ours"
        API = "api", "Interactions API"
        CSV = "csv", "CSV import"
        DYNAMODB = "dynamodb", "DynamoDB table"

    class Author(models.TextChoices):
        CUSTOMER = "customer"
        ASSISTANT = "assistant"
        CONSULTANT = "consultant"
        OTHER = "other", "Somebody else, or not told"

    id = IdField("itr")
    # The index below begins with it: one of its own would only have to be kept.
    customer = models.ForeignKey(
        "conversations.Customer", on_delete=models.PROTECT, related_name="interactions", db_index=False
    )
    identity = models.ForeignKey(
        "conversations.Identity",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="by which an imported one found its customer",
    )
    message = models.OneToOneField(
        "conversations.Message", on_delete=models.CASCADE, null=True, blank=True, related_name="interaction"
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    channel = models.CharField(max_length=80, help_text="a free label: phone, ivr, branch, a channel id of ours")
    author = models.CharField(max_length=10, choices=Author.choices, default=Author.OTHER)
    occurred_at = models.DateTimeField()
    intent = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    external_id = models.CharField(max_length=200, blank=True, help_text="the other system's id of it")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-occurred_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=~Q(external_id=""),
                name="interaction_external_id_once_per_channel",
            ),
            models.CheckConstraint(
                condition=Q(source="message", message__isnull=False, detail="", external_id="")
                | ~Q(source="message") & Q(message__isnull=True),
                name="interaction_text_in_one_place",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-occurred_at", "-id"], name="interaction_history")]

    def __str__(self) -> str:
        return f"{self.channel} {self.occurred_at:%Y-%m-%d %H:%M}"
