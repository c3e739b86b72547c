"""Who calls the API: the client behind a bearer token, counted against its rate."""

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from omnicqm.common.api.permissions import scopes_check
from omnicqm.common.api.rates import request_count, request_count_async
from omnicqm.common.tokens import ClientToken, token_find, token_find_async

_CHALLENGE = 'Bearer realm="api"'


class BearerAuthentication(BaseAuthentication):
    """`request.auth` becomes the `ClientToken`; there is no user behind a client. Raises `RateLimited` (429).

    A request costs one round trip to Valkey, and one query when its token was not read within the last second. The
    toolkit's own class is not used because it reads and parses the body before it looks at the token.
    """

    def authenticate(self, request: Request) -> tuple[None, ClientToken] | None:
        token = _bearer(request._request)
        if token is None:
            return None
        found = _valid(token_find(token))
        request_count(request._request, found)
        return None, found

    def authenticate_header(self, request: Request) -> str:
        return _CHALLENGE


async def client_admit(request: HttpRequest, *, scopes: list[str]) -> ClientToken:
    """For asynchronous views: what `BearerAuthentication` and `HasScopes` do for the others, without a thread except to
    read a token that was not read within the last second.

    Returns the token of a client that holds all `scopes` and has not used up its rate. Raises `NotAuthenticated` or
    `InvalidToken` (401), `InsufficientScope` (403), `RateLimited` (429): `omnicqm.common.api.problems.problem_response`
    makes answers of them. `rate_headers_middleware` adds the headers of the rate to whatever the view answers. It keeps
    no database connection.
    """
    token = _bearer(request)
    if token is None:
        raise NoToken
    found = _valid(await token_find_async(token))
    await request_count_async(request, found)
    scopes_check(found, scopes)
    return found


def client_of(request: Request) -> str:
    """The client_id behind the token of `request`."""
    return str(request.auth.client_id)  # type: ignore[union-attr]


class NoToken(NotAuthenticated):
    """A view without DRF adds the challenge itself."""

    auth_header = _CHALLENGE


class InvalidToken(AuthenticationFailed):
    default_detail = "The access token is unknown, expired or revoked. Ask POST /oauth/token for a new one."
    default_code = "invalid_token"

    def __init__(self) -> None:
        super().__init__()
        self.auth_header = f'{_CHALLENGE}, error="invalid_token"'


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _valid(token: ClientToken | None) -> ClientToken:
    if token is None:
        raise InvalidToken
    return token
