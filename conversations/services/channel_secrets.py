"""The secret a channel signs its callbacks with: changed while receivers keep up, and tried out."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from conversations.models import Channel
from conversations.models.people import new_webhook_secret
from omnicqm.common.services import audit_record


@transaction.atomic
def channel_secret_rotate(*, channel_id: str, overlap: timedelta | None, actor: str) -> str:
    """A new secret, returned this once. Callbacks are signed with the present one too for `overlap`; None: until
    `channel_secret_end`; 0: not at all. There are never more than two."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    secret, keeps = new_webhook_secret(), overlap != timedelta(0)
    channel.earlier_secret = channel.secret if keeps else ""
    channel.earlier_until = timezone.now() + overlap if overlap else None
    channel.secret = secret
    channel.save(update_fields=["secret", "earlier_secret", "earlier_until"])
    hours = None if overlap is None else round(overlap.total_seconds() / 3600)
    audit_record(actor=actor, action="channel.secret_rotated", obj=channel, details={"overlap_hours": hours})
    return secret


@transaction.atomic
def channel_secret_end(*, channel_id: str, actor: str) -> None:
    """Callbacks are signed with the present secret alone from now on."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    channel.earlier_secret, channel.earlier_until = "", None
    channel.save(update_fields=["earlier_secret", "earlier_until"])
    audit_record(actor=actor, action="channel.secret_ended", obj=channel)
