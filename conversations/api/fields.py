"""What the doors of conversations take: the fields that all doors share."""

from omnicqm.common.api.fields import (
    EvidenceField,
    IdentifierField,
    InstantField,
    LabelField,
    RawTextField,
    StrictSerializer,
)

__all__ = ["EvidenceField", "IdentifierField", "InstantField", "LabelField", "RawTextField", "StrictSerializer"]
