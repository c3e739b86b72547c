"""The audit trail: every write has an actor."""

from typing import Any

from django.db import models

from omnicqm.common.correlation import correlation_get
from omnicqm.common.models import AuditEvent


def audit_record(*, actor: str, action: str, obj: models.Model, details: dict[str, Any] | None = None) -> AuditEvent:
    """Note that `actor` (``user:3``, ``client:abc``, ``customer:cus_…``, ``system:worker``) did `action`
    (``escalation.sent``) to `obj`.

    `details` are JSON data and hold ids, numbers and codes, never content. Call it inside the transaction of the write,
    so that neither stands without the other.
    """
    return AuditEvent.objects.create(
        actor=actor[:100],
        action=action,
        object_type=obj._meta.model_name or "",
        object_id=str(obj.pk),
        details=details or {},
        correlation_id=correlation_get(),
    )
