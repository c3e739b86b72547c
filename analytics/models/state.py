"""How far the facts have come, and which values their dimensions take."""

from django.db import models


class FactsState(models.Model):
    """One row: everything that changed before `through` is in the facts."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    through = models.DateTimeField(null=True, help_text="empty: the facts have to be built")
    looked_back_at = models.DateTimeField(null=True, help_text="when the last week was last gone through again")

    def __str__(self) -> str:
        return f"through {self.through}"


class DimensionValue(models.Model):
    """A value that a dimension takes somewhere in the facts, so that filters are checked without reading them all."""

    dimension = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dimension", "value"], name="dimension_value_once")]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.value}"
