"""What models may cost in a day, set by an admin."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

_PERCENT = [MinValueValidator(1), MaxValueValidator(100)]


class Budget(models.Model):
    """US dollars a day for one scope, or for everything when `scope` is empty. What is used up steps down."""

    scope = models.CharField(
        max_length=120, blank=True, unique=True, help_text="e.g. channel:outlook; empty: everything together"
    )
    usd_per_day = models.DecimalField(
        "US dollars a day", max_digits=12, decimal_places=4, validators=[MinValueValidator(0)]
    )
    secondary_at = models.PositiveSmallIntegerField(
        "Secondary model from (%)",
        null=True,
        blank=True,
        validators=_PERCENT,
        help_text="Of the budget. From there on only the secondary model is asked; of use when it is the cheaper one.",
    )
    drafts_at = models.PositiveSmallIntegerField(
        "Drafts only from (%)",
        null=True,
        blank=True,
        default=90,
        validators=_PERCENT,
        help_text="From there on replies are only suggested to consultants. At 100 % no model is asked any more.",
    )

    class Meta:
        ordering = ["scope"]
        constraints = [
            models.CheckConstraint(condition=Q(usd_per_day__gte=0), name="budget_not_negative"),
            models.CheckConstraint(
                condition=Q(secondary_at__isnull=True) | Q(secondary_at__range=(1, 100)),
                name="budget_secondary_percent",
            ),
            models.CheckConstraint(
                condition=Q(drafts_at__isnull=True) | Q(drafts_at__range=(1, 100)), name="budget_drafts_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"${self.usd_per_day:.2f} a day for {self.scope or 'everything'}"
