"""What has served its time is forgotten: answered keys, expired tokens and sessions."""

from importlib import import_module

from django.conf import settings
from oauth2_provider.models import clear_expired

from omnicqm.common.outbox.services import outbox_purge
from omnicqm.common.services.idempotency import idempotency_purge
from omnicqm.common.services.use import client_use_purge


def records_purge() -> None:
    """Delete idempotency records older than a day, access tokens and browser sessions that have expired, counts of
    clients' requests older than 400 days, and records that the warehouse has had for a week."""
    idempotency_purge()
    outbox_purge()
    client_use_purge()
    clear_expired()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
