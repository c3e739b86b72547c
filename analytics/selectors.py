"""Reads of what analytics keeps about itself."""

from datetime import datetime

from analytics.models import FactsState


def facts_as_of() -> datetime | None:
    """Everything that changed before is in the facts; None before they were first built."""
    return FactsState.objects.filter(pk=FactsState.ONLY).values_list("through", flat=True).first()
