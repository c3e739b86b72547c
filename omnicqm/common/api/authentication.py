"""Who calls the API: the client behind a bearer token."""

import hashlib

from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

_CHALLENGE = 'Bearer realm="api"'


class BearerAuthentication(BaseAuthentication):
    """One indexed query a call. `request.auth` becomes the access token; there is no user behind a client.

    The toolkit's own class is not used because it reads and parses the body before it looks at the token.
    """

    def authenticate(self, request: Request) -> tuple[None, object] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        checksum = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        found = get_access_token_model().objects.select_related("application").filter(token_checksum=checksum).first()
        if found is None or found.expires <= timezone.now() or not _is_usable(found):
            raise InvalidToken
        return None, found

    def authenticate_header(self, request: Request) -> str:
        return _CHALLENGE


def client_of(request: Request) -> str:
    """The client_id behind the token of `request`."""
    return str(request.auth.application.client_id)  # type: ignore[union-attr]


class InvalidToken(AuthenticationFailed):
    default_detail = "The access token is unknown, expired or revoked. Ask POST /oauth/token for a new one."
    default_code = "invalid_token"

    def __init__(self) -> None:
        super().__init__()
        self.auth_header = f'{_CHALLENGE}, error="invalid_token"'


def _is_usable(token: object) -> bool:
    application = token.application  # type: ignore[attr-defined]
    return application is not None and application.is_usable(None)
