"""Signed tokens that work once, whoever presents them how often at the same moment."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.models import SpentToken

_SALT = "conversations.spent_tokens"


def token_spend(*, purpose: str, token: str, expires_at: datetime, bound_to: str = "") -> bool:
    """Use `token` up. False when it was used up before, unless by the same `bound_to`, which may repeat itself.

    To be called in the transaction of what the token is for, so that neither stands without the other.
    """
    digest, owner = _hash(f"{purpose}:{token}"), _hash(bound_to) if bound_to else ""
    SpentToken.objects.filter(expires_at__lt=timezone.now()).delete()
    try:
        with transaction.atomic():
            SpentToken.objects.create(digest=digest, bound_to=owner, expires_at=expires_at)
        return True
    except IntegrityError:
        spent = SpentToken.objects.filter(digest=digest).first()
        return bool(spent and owner and constant_time_compare(spent.bound_to, owner))


def token_is_spent(*, purpose: str, token: str) -> bool:
    """Whether `token_spend` would find it used up by somebody. Changes nothing."""
    return SpentToken.objects.filter(digest=_hash(f"{purpose}:{token}")).exists()


def _hash(value: str) -> str:
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
