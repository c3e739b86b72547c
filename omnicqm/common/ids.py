"""Public identifiers: a three-letter prefix and a ULID, e.g. ``qry_01k8z3c9v7e2m4n6p8r0t2w4y6``.

ULIDs sort by the time they were made, so primary keys stay near each other in the index.
"""

import re

from django.db import models
from ulid import ULID

ID_PATTERN = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}")
ID_LENGTH = 30


def new_id(prefix: str) -> str:
    """A new identifier with the three-letter `prefix`."""
    return f"{prefix}_{str(ULID()).lower()}"


def is_id(value: object, prefix: str) -> bool:
    """Whether `value` has the form of an identifier with `prefix`; says nothing about its existence."""
    return isinstance(value, str) and value.startswith(f"{prefix}_") and ID_PATTERN.fullmatch(value) is not None


class IdConverter:
    """Path part ``<id:…>`` that holds an identifier; an address with anything else in its place does not exist."""

    regex = ID_PATTERN.pattern

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class IdField(models.CharField):
    """Primary key that makes its own value: ``IdField("qry")``."""

    def __init__(self, prefix: str, **options: object) -> None:
        self.prefix = prefix
        options.setdefault("max_length", ID_LENGTH)
        options.setdefault("primary_key", True)
        options.setdefault("editable", False)
        super().__init__(**options)  # type: ignore[arg-type]

    def deconstruct(self):  # type: ignore[no-untyped-def]
        name, path, args, options = super().deconstruct()
        return name, path, [self.prefix, *args], options

    def get_default(self) -> str:
        return new_id(self.prefix)

    def has_default(self) -> bool:
        return True
