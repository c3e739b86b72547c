"""What a token may do: scopes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from omnicqm.common.errors import ConfigurationError
from omnicqm.common.tokens import ClientToken

if TYPE_CHECKING:  # the views module loads this one, by its name in settings
    from rest_framework.views import APIView


class HasScopes(BasePermission):
    """The token holds all of the view's `required_scopes`: a list, or ``{"POST": [...], "GET": [...]}``.

    Without a valid token 401, without the scopes 403, both with a challenge that says what is missing. A method the
    mapping does not name needs a token only; such a view answers it with 405 anyway.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            raise NotAuthenticated("This call needs an access token: Authorization: Bearer <token>.")
        scopes_check(request.auth, _required(view, request.method or ""))  # type: ignore[arg-type]
        return True


def scopes_check(token: ClientToken, scopes: list[str]) -> None:
    """Raises `InsufficientScope` (403) when `token` lacks one of `scopes`."""
    if missing := [scope for scope in scopes if scope not in token.scopes]:
        raise InsufficientScope(missing)


class InsufficientScope(PermissionDenied):
    default_code = "insufficient_scope"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"The access token lacks the scope {' '.join(missing)}.")
        self.auth_header = f'Bearer realm="api", error="insufficient_scope", scope="{" ".join(missing)}"'


def _required(view: "APIView", method: str) -> list[str]:
    scopes = getattr(view, "required_scopes", None)
    if scopes is None:
        raise ConfigurationError(f"{type(view).__name__} does not say which scopes it requires.")
    if isinstance(scopes, Mapping):
        return scopes.get("GET" if method == "HEAD" else method, [])
    return scopes
