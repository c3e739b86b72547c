"""Answers that somebody keeps on the dashboard "Pinned"."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from omnicqm.common.ids import IdField


class Pin(models.Model):
    """A question with how its answer is drawn; it is asked anew whenever it is looked at."""

    class Chart(models.TextChoices):
        LINES = "lines"
        COLUMNS = "columns"
        BARS = "bars"
        PIE = "pie"
        TABLE = "table"

    id = IdField("pin")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pins")
    is_shared = models.BooleanField(default=False, help_text="everybody who may see dashboards sees it")
    title = models.CharField(max_length=120)
    spec = models.JSONField(help_text="as spec_dump writes it")
    chart = models.CharField(max_length=10, choices=Chart.choices)
    keeps_period = models.BooleanField(default=False, help_text="its own days, whatever the bar says")
    position = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "created_at"]
        indexes = [models.Index(fields=["owner", "position"], name="pin_of_owner")]
        permissions = [("view_dashboards", "Can see dashboards and ask for figures")]

    def __str__(self) -> str:
        return self.title
