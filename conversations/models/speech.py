"""What was heard."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Transcription(models.Model):
    """What somebody said, as text, and whose it is: a browser's (`visitor`), an API client's (`client`), or that of an
    attachment.

    One of an attachment is pending work as well: a worker claims it by `lease_until`; `begun` says that its provider
    has it, and stays until what the provider stored is removed.
    """

    class Source(models.TextChoices):
        LIVE = "live"
        UPLOAD = "upload"
        API = "api"
        ATTACHMENT = "attachment"

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"

    id = IdField("trn")
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)
    visitor = models.CharField(max_length=64, blank=True, help_text="the browser's own id")
    client = models.CharField(max_length=100, blank=True, help_text="the API client")
    attachment = models.OneToOneField(
        "conversations.Attachment", on_delete=models.CASCADE, null=True, blank=True, related_name="transcription"
    )
    message = models.ForeignKey(
        "conversations.Message",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="transcriptions",
        help_text="what it was sent with",
    )
    text = models.TextField(blank=True)
    confidence = models.FloatField(null=True, blank=True)
    words = models.JSONField(default=list, blank=True)
    doubtful = models.JSONField(default=list, blank=True, help_text="[start, end] of doubtful words in the text")
    language = models.CharField(max_length=20, blank=True)
    duration_s = models.FloatField(default=0)
    model_used = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    begun = models.BooleanField(default=False, help_text="the provider holds something of it")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(visitor="", client="", attachment__isnull=False)
                    | ~Q(visitor="") & Q(client="", attachment__isnull=True)
                    | ~Q(client="") & Q(visitor="", attachment__isnull=True)
                ),
                name="transcription_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", finished_at__isnull=True) | ~Q(state="pending", finished_at__isnull=True),
                name="transcription_finished_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending") | Q(begun=True), name="transcription_pending")
        ]

    def __str__(self) -> str:
        return self.id
