"""The values that dimensions take, with the words people use for them."""

from collections.abc import Mapping

from analytics.catalogue.dimensions import Dimension
from analytics.models import DimensionValue


def dimension_values(dimension: Dimension) -> Mapping[str, str]:
    """Label by value: what can be filtered by. Those of the facts, and those that have a title though nothing has
    happened with them yet. The empty value stands for "not known"."""
    labels = dimension.labels()
    values = set(dimension.choices) | (set(labels) if not dimension.choices else set())
    if dimension.kept_in:
        values |= set(DimensionValue.objects.filter(dimension=dimension.name).values_list("value", flat=True))
    if not dimension.is_time:
        values.add("")
    return {value: dimension.label(value, labels) for value in sorted(values)}
