"""The audit trail: every write has an actor, and so has every look at what is personal."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils import timezone

from omnicqm.common.correlation import correlation_get
from omnicqm.common.models import AuditEvent
from omnicqm.common.services.audit_chain import mark_of

VIEW_MINUTES = 10


@dataclass(frozen=True)
class Telling:
    """That `actor` was told something of an object, by the action ``object.verb``. `correlation_id` is that of the
    request, for whichever thread works for it."""

    actor: str
    action: str
    object_type: str
    object_id: str
    details: dict[str, Any]
    correlation_id: str


def audit_record(*, actor: str, action: str, obj: models.Model, details: dict[str, Any] | None = None) -> AuditEvent:
    """Note that `actor` (``user:3``, ``client:abc``, ``customer:cus_…``, ``system:worker``) did `action`
    (``escalation.sent``) to `obj`.

    `details` are JSON data and hold ids, numbers and codes, never content. Call it inside the transaction of the write,
    so that neither stands without the other.
    """
    event = _event(actor, action, obj._meta.model_name or "", str(obj.pk), details)
    event.save(force_insert=True)
    return event


def audit_view(*, user: AbstractBaseUser | AnonymousUser, obj: models.Model, action: str = "viewed") -> None:
    """Note that `user` looked at `obj`, which holds personal data. Once in ten minutes (by the clock: 9:00, 9:10, …),
    however often they look and in however many processes at once."""
    audit_look(actor=f"user:{user.pk}", object_type=obj._meta.model_name or "", object_id=str(obj.pk), action=action)


def audit_look(*, actor: str, object_type: str, object_id: str, action: str = "viewed") -> None:
    """The same where only the id of the object is at hand."""
    event = _event(actor, f"{object_type}.{action}", object_type, object_id, None)
    span = int(event.at.timestamp()) // (60 * VIEW_MINUTES)
    event.once = hashlib.sha256(f"{event.actor} {event.action} {event.object_id} {span}".encode()).hexdigest()
    event.mark = mark_of(event)
    AuditEvent.objects.bulk_create([event], ignore_conflicts=True)


def audit_tellings(tellings: Iterable[Telling]) -> None:
    """Note each of `tellings`, however often the same was told, in one statement. Call it inside the transaction of
    what is written with them."""
    events = [
        _event(told.actor, told.action, told.object_type, told.object_id, told.details, told.correlation_id)
        for told in tellings
    ]
    AuditEvent.objects.bulk_create(events)


def _event(
    actor: str,
    action: str,
    kind: str,
    object_id: str,
    details: dict[str, Any] | None,
    correlation_id: str | None = None,
) -> AuditEvent:
    event = AuditEvent(
        at=timezone.now(),
        actor=actor[:100],
        action=action[:60],
        object_type=kind[:40],
        object_id=object_id[:64],
        details=details or {},
        correlation_id=correlation_get() if correlation_id is None else correlation_id,
    )
    event.mark = mark_of(event)
    return event
