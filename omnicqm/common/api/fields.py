"""Fields for what comes from outside: text is cleaned, identifiers are checked, nothing else is guessed."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.text import identifier_check


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
