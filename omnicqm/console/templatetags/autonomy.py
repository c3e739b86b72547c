"""Figures of the pages of autonomy and learning."""

import math

from django import template

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """``0.724`` → ``72 %``; ``-`` where there is no figure."""
    return "-" if share is None or math.isnan(share) else f"{100 * share:.0f} %"
