"""What a run has done so far, kept whole, so that a killed run goes on instead of starting over."""

from django.db import models
from django.utils import timezone

from omnicqm.common.ids import IdField


class RunEntry(models.Model):
    """One thing a run must not do twice: a model's reply, a tool's result. Replies are deleted when the run ends;
    results are kept for two weeks, so that a replay need not ask again.

    Not a trace (that is `RunStep`): `data` is complete and holds what the customer's own messages hold.
    """

    id = IdField("ent")
    run = models.ForeignKey("agents.Run", on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=80)
    data = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name_plural = "run entries"
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="run_entry_once")]

    def __str__(self) -> str:
        return self.key
