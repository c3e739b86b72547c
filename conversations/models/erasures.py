"""That a customer has had their data deleted."""

from django.db import models
from django.utils import timezone

from omnicqm.common.ids import IdField


class Erasure(models.Model):
    """One customer's data deleted, once. Holds ids and moments, nothing of what was there.

    Work that was under way at that moment may have stored something of it afterwards: a second pass looks for it and
    sets `swept_at`.
    """

    id = IdField("era")
    customer = models.OneToOneField("conversations.Customer", on_delete=models.PROTECT, related_name="erasure")
    erased_at = models.DateTimeField(default=timezone.now)
    swept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-erased_at"]
        indexes = [
            models.Index(fields=["erased_at"], condition=models.Q(swept_at=None), name="erasure_to_sweep"),
        ]

    def __str__(self) -> str:
        return self.id
