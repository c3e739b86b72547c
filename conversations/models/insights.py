"""Insights: summaries of a customer's interactions as they were asked for and answered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField


class Insight(models.Model):
    """One answer that was given: what was asked, what was told, and what it rests on.

    A row without `source` was generated for its own request, and holds the text with the interactions it was made
    from. A row with `source` repeats that one's text for another request. `client` and `unique_process_id` name a
    request; while `is_current` the same one again gets the same answer.
    """

    class Cache(models.TextChoices):
        NONE = "none", "Generated"
        PROMPT = "prompt", "Generated, prompt cached"
        RESULT = "result", "Result cached"

    id = IdField("ins")
    client = models.CharField(max_length=100, help_text="the API client that asked")
    unique_process_id = models.CharField(max_length=200)
    is_current = models.BooleanField(default=True, help_text="asked for again with this unique_process_id, it answers")
    account_number = models.CharField(max_length=320, help_text="as it was sent")
    initial_contact_id = models.CharField(max_length=200, blank=True)
    contact_id = models.CharField(max_length=200)
    ivr_intent = models.CharField("IVR intent", max_length=200)
    max_history_days = models.PositiveIntegerField("days of history")
    max_interactions = models.PositiveIntegerField("most interactions")
    channel_filter = models.JSONField(null=True, blank=True, help_text="as it was sent: a label, a list, or nothing")

    customer = models.ForeignKey(
        "conversations.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="insights"
    )
    source = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated",
        help_text="whose text it tells",
    )
    summary = models.TextField(blank=True, help_text="empty where another row holds it, and once it was purged")
    date_from = models.DateField()
    date_to = models.DateField()
    model_used = models.CharField(max_length=120)
    provider = models.CharField(max_length=40, blank=True)
    fell_back = models.BooleanField(default=False, help_text="another model than the first of the route answered")
    prompt_version = models.CharField(max_length=80)
    cache = models.CharField(max_length=10, choices=Cache.choices, default=Cache.NONE)
    latency_ms = models.PositiveIntegerField("latency", help_text="from the request's arrival to its answer")
    model_ms = models.PositiveIntegerField(default=0, help_text="of these, waiting for a model")
    generated_at = models.DateTimeField(default=timezone.now, help_text="when the text was made")
    created_at = models.DateTimeField(default=timezone.now, help_text="when this request was answered")

    result_key = models.CharField(max_length=64, blank=True, help_text="same events, prompt and parameters: same key")
    valid_until = models.DateTimeField(help_text="so long its text may answer other requests")
    events_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 over the interactions used")
    query = models.JSONField(default=dict, blank=True, help_text="what found the interactions")
    interactions = models.JSONField(default=list, blank=True, help_text="the interactions used, as they were then")
    checks = models.JSONField(default=dict, blank=True, help_text="what the text was held against")
    usage = models.JSONField(default=dict, blank=True, help_text="tokens and cost")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "unique_process_id"], condition=Q(is_current=True), name="insight_once_per_process"
            )
        ]
        indexes = [
            models.Index(
                fields=["result_key", "-generated_at"],
                condition=Q(source__isnull=True) & ~Q(result_key=""),
                name="insight_result",
            ),
            models.Index(fields=["unique_process_id"], name="insight_process"),
            models.Index(fields=["contact_id", "-created_at"], name="insight_contact"),
            models.Index(fields=["-created_at"], name="insight_latest"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def text(self) -> str:
        """What was told, wherever it is kept. Empty once it was purged."""
        return self.source.summary if self.source else self.summary


class InsightFlight(models.Model):
    """A generation under way, so that the same one is not begun twice. It ends with its row, or at `until`."""

    result_key = models.CharField(max_length=64, primary_key=True)
    leader = models.CharField(max_length=30, help_text="the insight it will become")
    until = models.DateTimeField(help_text="who leads is taken for dead from then on")

    def __str__(self) -> str:
        return self.leader
