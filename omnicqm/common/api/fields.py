"""Fields for what comes from outside: text is cleaned, identifiers are checked, nothing else is guessed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.text import identifier_check, line_clean


class StrictSerializer(serializers.Serializer[Any]):
    """Fields it does not know are refused by name; null for one that is not required is as if it were absent."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError({unknown[0]: "This field is not known. Leave it out."})
            # Gateways fill what they have nothing for with null.
            data = {name: value for name, value in data.items() if value is not None or self.fields[name].required}
        return super().to_internal_value(data)


class RawTextField(serializers.CharField):
    """Text of a customer, taken as it is: it is cleaned where it is accepted. Only strings will do.

    Raises `TooLarge` beyond `max_length` characters.
    """

    default_error_messages = {"invalid": "Must be a string."}

    def __init__(self, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)
        # NUL and lone surrogates in text are cleaned away later, not refused here.
        self.validators = [v for v in self.validators if type(v).__name__ not in _REFUSING]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length and len(data) > self.max_length:
            raise TooLarge(f"{self.field_name} is longer than {self.max_length:,} characters.", param=self.field_name)
        return super().to_internal_value(data)


_REFUSING = {"ProhibitNullCharactersValidator", "ProhibitSurrogateCharactersValidator"}


class LabelField(serializers.CharField):
    """A few words of somebody else's making, such as an intent: cleaned, on one line. Blank means the default."""

    default_error_messages = {"invalid": "Must be a string."}

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, **options)
        self.validators = [v for v in self.validators if type(v).__name__ not in _REFUSING]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(line_clean(data))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or self.default  # DRF leaves blank texts out of what follows


class InstantField(serializers.DateTimeField):
    """A moment in ISO 8601. Without an offset nobody knows which one is meant."""

    default_error_messages = {"no_offset": "Needs an offset, e.g. 2026-11-21T10:00:00Z."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("no_offset")
        return super().enforce_timezone(value)


class IdentifierField(serializers.CharField):
    """An id or address of somebody else's making. Characters that no identifier has are an error."""

    default_error_messages = {"invalid": "Must be a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return super().to_internal_value(identifier_check(data, param=self.field_name or "value"))
        except InvalidInput as error:
            raise serializers.ValidationError(error.message, code=error.code) from error


class EvidenceField(serializers.DictField):
    """Why something was done, for the audit trail, which holds codes and ids and never content."""

    MOST = 20
    child = IdentifierField(max_length=200)
    default_error_messages = {"too_many": f"Has more than {MOST} entries.", "key": "Has a name that is no identifier."}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        evidence: dict[str, str] = super().to_internal_value(data)
        if len(evidence) > self.MOST:
            self.fail("too_many")
        if not all(key and len(key) <= 60 and key.isascii() and key.isprintable() for key in evidence):
            self.fail("key")
        return evidence


@extend_schema_field(OpenApiTypes.BINARY)
class SentFileField(serializers.FileField):
    """A file that is sent along. The schema would take it for the address of one otherwise."""
