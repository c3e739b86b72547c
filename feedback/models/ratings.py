"""Ratings of insights and replies."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Rating(models.Model):
    """What somebody said of an insight or a reply. Who changes a rating gives a new one; the earlier ones are kept, and
    only the last `is_current`."""

    class Feedback(models.TextChoices):
        HELPFUL = "helpful"
        NOT_HELPFUL = "not_helpful", "Not helpful"

    id = IdField("rat")
    insight = models.ForeignKey(
        "conversations.Insight", on_delete=models.CASCADE, null=True, blank=True, related_name="ratings"
    )
    query = models.ForeignKey(
        "conversations.Query",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="ratings",
        help_text="whose reply is rated",
    )
    rater = models.CharField(max_length=110, help_text="client:abc or customer:cus_…")
    feedback = models.CharField(max_length=12, choices=Feedback.choices)
    reason = models.CharField(max_length=200, blank=True)
    comment = models.TextField(blank=True)
    is_current = models.BooleanField(default=True, help_text="not changed since by the same rater")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(insight__isnull=False, query__isnull=True) | Q(insight__isnull=True, query__isnull=False),
                name="rating_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["insight", "rater"], condition=Q(is_current=True), name="rating_current_of_insight"
            ),
            models.UniqueConstraint(
                fields=["query", "rater"], condition=Q(is_current=True), name="rating_current_of_reply"
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="rating_latest")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.feedback}"

    @property
    def request_id(self) -> str:
        """Of what is rated."""
        return self.insight_id or self.query_id or ""
