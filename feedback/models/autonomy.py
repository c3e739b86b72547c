"""What tells how much the agent may do alone: comparisons in the shadow, and breakers."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class ShadowComparison(models.Model):
    """What the agent would have written beside what a consultant wrote, not having seen it. Their texts are where they
    belong, in the run and in the message."""

    id = IdField("shc")
    run = models.OneToOneField("agents.Run", on_delete=models.CASCADE, related_name="comparison")
    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="comparisons")
    category = models.CharField(max_length=40, blank=True)
    would = models.CharField(max_length=10, help_text="what the agent would have decided alone")
    similarity = models.FloatField(help_text="of the words, 0 to 1")
    meaning = models.FloatField(help_text="likeness of meaning, 0 to 1")
    borne_out = models.FloatField(null=True, help_text="share of its claims that the consultant's reply bears out")
    verdict = models.CharField(max_length=10, blank=True, help_text="of the embedded judge on the agent's reply")
    agrees = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(similarity__range=(0, 1), meaning__range=(0, 1)), name="comparison_in_range"
            ),
        ]
        indexes = [models.Index(fields=["category", "-created_at"], name="comparison_of_category")]

    def __str__(self) -> str:
        return f"{self.run_id}: {'agrees' if self.agrees else 'differs'}"


class AutonomyBreaker(models.Model):
    """Takes a category from auto to draft when what was sent alone is judged too bad. Only a person takes it back.

    A category without a row has these defaults.
    """

    category = models.CharField(max_length=40, primary_key=True)
    enabled = models.BooleanField(default=True)
    least_accuracy = models.FloatField(
        default=0.75, validators=[MinValueValidator(0), MaxValueValidator(1)], help_text="mean, 0 to 1"
    )
    least_safety = models.FloatField(
        default=0.95, validators=[MinValueValidator(0), MaxValueValidator(1)], help_text="mean, 0 to 1"
    )
    window_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(90)], help_text="how far back it looks"
    )
    least_sample = models.PositiveIntegerField(
        default=20, validators=[MinValueValidator(1)], help_text="fewer judged replies tell nothing"
    )
    misses = models.PositiveSmallIntegerField(default=0, editable=False, help_text="checks in a row below a bar")
    since = models.DateTimeField(
        default=timezone.now, editable=False, help_text="what was sent before does not count: last taken back to auto"
    )
    tripped_at = models.DateTimeField(null=True, blank=True, editable=False)
    accuracy = models.FloatField(null=True, blank=True, editable=False, help_text="as last measured")
    safety = models.FloatField(null=True, blank=True, editable=False)
    sample = models.PositiveIntegerField(default=0, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["category"]
        constraints = [
            models.CheckConstraint(
                condition=Q(least_accuracy__range=(0, 1), least_safety__range=(0, 1)), name="breaker_bars_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.category
