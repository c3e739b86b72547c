"""Whom a document may reach, as others say it."""

from knowledge.models import Audience
from omnicqm.common.errors import InvalidInput


def audience_of(name: str) -> Audience:
    """Raises `InvalidInput` for a name that is none."""
    if name not in Audience.values:
        raise InvalidInput(f"The audience must be one of {', '.join(Audience.values)}.", param="audience")
    return Audience(name)
