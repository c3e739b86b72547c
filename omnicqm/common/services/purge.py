"""What has served its time is forgotten: answered keys, expired tokens and sessions."""

from importlib import import_module

from django.conf import settings
from oauth2_provider.models import clear_expired

from omnicqm.common.services.idempotency import idempotency_purge


def records_purge() -> None:
    """Delete idempotency records older than a day, and access tokens and browser sessions that have expired."""
    idempotency_purge()
    clear_expired()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
