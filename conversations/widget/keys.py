"""Widget keys: made, and given a new secret."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from conversations.models import WidgetKey
from omnicqm.common.services import audit_record


def new_secret() -> str:
    """A signing secret: ``wsk_`` and 256 random bits."""
    return f"wsk_{secrets.token_urlsafe(32)}"


@transaction.atomic
def widget_key_create(*, key: WidgetKey, actor: str) -> str:
    """Store `key` with a signing secret, which is returned this once. Raises `ValidationError` by field."""
    secret = new_secret()
    key.secret_set(secret)
    key.full_clean()
    key.save()
    audit_record(actor=actor, action="widgetkey.added", obj=key)
    return secret


@transaction.atomic
def widget_key_rotate(*, key_id: str, overlap: timedelta | None, actor: str) -> str:
    """A new signing secret, returned this once. The present one works on for `overlap`; None: until
    `widget_key_secret_end`; 0: not at all. There are never more than two."""
    key, secret = WidgetKey.objects.select_for_update().get(pk=key_id), new_secret()
    keeps = overlap != timedelta(0)
    key.secret_set(secret, overlap=keeps, overlap_until=timezone.now() + overlap if overlap else None)
    key.save()
    hours = None if overlap is None else round(overlap.total_seconds() / 3600)
    audit_record(actor=actor, action="widgetkey.secret_rotated", obj=key, details={"overlap_hours": hours})
    return secret


@transaction.atomic
def widget_key_secret_end(*, key_id: str, actor: str) -> None:
    """Tokens signed with the earlier secret are refused from now on."""
    key = WidgetKey.objects.select_for_update().get(pk=key_id)
    key.sealed_earlier_secret, key.earlier_until = "", None
    key.save()
    audit_record(actor=actor, action="widgetkey.secret_ended", obj=key)


def snippet(key: WidgetKey, base_url: str) -> str:
    """What goes into the company's pages, before ``</body>`` or in the head."""
    return f'<script async src="{base_url}/widget/v1.js" data-key="{key.public_key}"></script>'
