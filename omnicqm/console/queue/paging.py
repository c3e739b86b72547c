"""Pages of the queue by where one ended, so that the last page costs no more than the first.

A place is the values that the order sorts by, of the row before it. Rows that come or go meanwhile shift nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Field, Q, QuerySet
from django.db.models.expressions import OrderBy

from conversations.models import Escalation

PAGE_ROWS = 30


@dataclass(frozen=True)
class Slice:
    """`after` is the place from which the next page goes on; empty on the last one."""

    rows: list[Escalation]
    after: str


def page_slice(rows: QuerySet[Escalation], after: str, *, size: int = PAGE_ROWS) -> Slice:
    """The page that begins after the place `after`, the first one without; a place that is none is the first."""
    order = _order(rows)
    keys = [*order, "pk"]
    ordered = rows.order_by(*keys)
    if (place := _place_read(keys, after)) is not None:
        ordered = ordered.filter(_beyond(keys, place))
    found = list(ordered[: size + 1])
    if len(found) <= size:
        return Slice(found, "")
    return Slice(found[:size], _place_write(keys, [getattr(found[size - 1], _name(key)) for key in keys]))


def _order(rows: QuerySet[Escalation]) -> list[str]:
    return [_text(key) for key in rows.query.order_by if _name(_text(key)) not in ("pk", "id")]


def _text(key: Any) -> str:
    """``-closed_at`` for ``F("closed_at").desc()`` too."""
    if isinstance(key, OrderBy):
        expression: Any = key.expression
        return f"{'-' if key.descending else ''}{expression.name}"
    return str(key)


def _name(key: str) -> str:
    return key.removeprefix("-")


def _beyond(keys: Sequence[str], place: Sequence[Any]) -> Q:
    """Rows after `place` in the order of `keys`: (a > x) or (a = x and b > y) or …; the first condition once more on
    its own, which is what an index can be entered by."""
    found, same = Q(), Q()
    for key, value in zip(keys, place, strict=True):
        found |= same & Q(**{f"{_name(key)}__{'lt' if key.startswith('-') else 'gt'}": value})
        same &= Q(**{_name(key): value})
    first, value = keys[0], place[0]
    return Q(**{f"{_name(first)}__{'lte' if first.startswith('-') else 'gte'}": value}) & found


def _place_write(keys: Sequence[str], values: Sequence[Any]) -> str:
    shown = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return signing.dumps(shown, salt=_salt(keys))


def _place_read(keys: Sequence[str], text: str) -> list[Any] | None:
    """None for a place of another order, and for what was never written here."""
    try:
        values = signing.loads(text, salt=_salt(keys)) if text else None
    except signing.BadSignature:
        return None
    return values and [_field(key).to_python(value) for key, value in zip(keys, values, strict=True)]


def _field(key: str) -> "Field[Any, Any]":
    meta: Any = Escalation._meta
    return meta.pk if key == "pk" else meta.get_field(_name(key))


def _salt(keys: Sequence[str]) -> str:
    return f"console.queue {' '.join(keys)}"
