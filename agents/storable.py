"""Values as PostgreSQL's JSON columns take them."""

from collections.abc import Callable, Mapping
from typing import Any


def text_storable(text: str) -> str:
    """`text` without what PostgreSQL refuses: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def storable(value: Any, change: Callable[[str], str] = text_storable, *, most: int | None = None) -> Any:
    """`value` with every text in it changed; lists keep their first `most` items, unknown types become text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {str(key): storable(item, change, most=most) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(item, change, most=most) for item in list(value)[:most]]
    return value if isinstance(value, int | float | None) else change(str(value))
