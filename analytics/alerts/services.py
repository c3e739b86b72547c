"""What people do about alerts."""

import base64
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.models import Alert, AlertReceiver
from omnicqm.common.errors import Conflict
from omnicqm.common.services import audit_record


@transaction.atomic
def alert_acknowledge(*, alert_id: str, user: Any) -> Alert:
    """`user` has seen it and takes care. Raises `Conflict` when somebody has already, or it is over."""
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.acknowledged_at is not None:
        raise Conflict("Somebody takes care of this alert already.")
    if not alert.is_open:
        raise Conflict("This alert is over.")
    alert.acknowledged_by, alert.acknowledged_at = user, timezone.now()
    alert.save(update_fields=["acknowledged_by", "acknowledged_at"])
    audit_record(actor=f"user:{user.pk}", action="alert.acknowledged", obj=alert)
    return alert


@transaction.atomic
def receiver_secret_renew(*, receiver: AlertReceiver, actor: str) -> str:
    """A new secret that signs its webhooks from now on: ``whsec_`` and 32 random bytes in base64. It is shown once."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    receiver.secret_set(secret)
    receiver.save(update_fields=["sealed_secret"])
    audit_record(actor=actor, action="alertreceiver.secret_renewed", obj=receiver)
    return secret
