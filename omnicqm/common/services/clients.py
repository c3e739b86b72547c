"""API clients: who may ask for tokens, and for which scopes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import get_application_model

from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import ClientGrant


@dataclass(frozen=True)
class ApiClient:
    """A new client. The secret is shown this once and kept as a hash only."""

    client_id: str
    client_secret: str


@transaction.atomic
def api_client_create(*, name: str, scopes: Iterable[str] | None = None) -> ApiClient:
    """A client that may ask for `scopes` (default: all). Raises `InvalidInput` for a scope that does not exist."""
    known = settings.API_SCOPES
    granted = sorted(known if scopes is None else set(scopes))
    if unknown := [scope for scope in granted if scope not in known]:
        raise InvalidInput(f"There is no scope '{unknown[0]}'.", param="scopes")
    application_model = get_application_model()
    secret = generate_client_secret()
    application = application_model.objects.create(
        name=name,
        client_id=generate_client_id(),
        client_secret=secret,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
    )
    ClientGrant.objects.create(application=application, scopes=granted)
    return ApiClient(application.client_id, secret)
