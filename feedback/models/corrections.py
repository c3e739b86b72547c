"""What consultants made of the agent's drafts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Correction(models.Model):
    """What became of one draft: one row for each reply that had one, and for each draft that was thrown away or that
    its case had no use for. Only who throws a draft away says something against it.

    `changes` are the steps that make the draft out of the reply that was sent, and hold only what was taken out of the
    draft (`feedback.learning.diffs`); of a draft without a reply they are the draft.
    """

    class Kind(models.TextChoices):
        AS_IS = "as_is", "As it was"
        EDITED = "edited", "Edited"
        REWRITTEN = "rewritten", "Rewritten"
        REJECTED = "rejected", "Rejected"
        UNUSED = "unused", "Not used"

    id = IdField("cor")
    escalation = models.ForeignKey("conversations.Escalation", on_delete=models.CASCADE, related_name="corrections")
    message = models.OneToOneField(
        "conversations.Message", on_delete=models.CASCADE, null=True, related_name="correction", help_text="the reply"
    )
    draft_key = models.CharField(
        max_length=30,
        blank=True,
        default="",
        db_default="",
        help_text="which draft of the case; empty where nobody knows",
    )
    run = models.ForeignKey("agents.Run", on_delete=models.SET_NULL, null=True, related_name="corrections")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    similarity = models.FloatField(help_text="of what was sent to the draft, 0 to 1")
    changes = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was rejected")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    category = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        permissions = [("export_correction", "Can export corrections as examples for models")]
        constraints = [
            models.CheckConstraint(condition=Q(similarity__range=(0, 1)), name="correction_similarity_in_range"),
            models.CheckConstraint(
                condition=Q(message__isnull=False) | Q(kind__in=["rejected", "unused"]),
                name="correction_used_has_reply",
            ),
            models.UniqueConstraint(
                fields=["escalation", "draft_key"], condition=Q(message=None), name="correction_without_reply_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="correction_latest"),
            models.Index(fields=["category", "-created_at"], name="correction_of_category"),
        ]

    def __str__(self) -> str:
        return f"{self.escalation_id}: {self.kind}"

    @property
    def edited_percent(self) -> int:
        """How much of both texts is not the same, in percent."""
        return round(100 * (1 - self.similarity))
