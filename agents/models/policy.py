"""The policy an admin may change: categories of matters and the weights of factors."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from agents.types import Autonomy, Factor


class Category(models.Model):
    """A kind of matter. Empty overrides mean the defaults of the agent."""

    key = models.SlugField(max_length=40, primary_key=True)
    title = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    examples = models.JSONField(default=list, blank=True, help_text="sentences customers write about it")
    autonomy = models.CharField(max_length=10, choices=[(a, a.value) for a in Autonomy], default=Autonomy.AUTO)
    threshold = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(condition=Q(threshold__lte=100), name="category_threshold_at_most_100"),
        ]

    def __str__(self) -> str:
        return self.title


class FactorWeight(models.Model):
    """The weight of a factor, for one category or (without one) for all. Missing rows mean the default weight."""

    factor = models.CharField(max_length=40, choices=[(f, f.value) for f in Factor])
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, blank=True, related_name="weights")
    weight = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["factor", "category"], name="factor_weight_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(weight__lte=100), name="factor_weight_at_most_100"),
        ]

    def __str__(self) -> str:
        return f"{self.factor} {self.weight}"
