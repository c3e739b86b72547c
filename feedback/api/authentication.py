"""A customer of the chat may rate without a token: their browser's session says who they are."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from conversations.chat.limits import limit_take
from conversations.chat.session import Browser, browser_get

MOST_A_MINUTE = 30
SCOPES = frozenset({"feedback:write"})


@dataclass(frozen=True)
class ChatPass:
    """In the place of a token: what the chat's `browser` may do here."""

    browser: Browser
    client_id: str
    scopes: frozenset[str] = SCOPES


class ChatSessionAuthentication(BaseAuthentication):
    """`request.auth` becomes a `ChatPass`. Nobody, when the browser has not said anything in the chat.

    Requires Django's CSRF token, as the chat's own pages do: a browser sends its cookie for other sites' pages too.
    Raises `PermissionDenied` (403) without it, `RateLimited` (429).
    """

    def authenticate(self, request: Request) -> tuple[None, ChatPass] | None:
        browser = browser_get(request._request.session)
        if browser is None or browser.customer is None:
            return None
        _csrf_check(request._request)
        limit_take(name="rating", key=browser.visitor, most=MOST_A_MINUTE, seconds=60)
        return None, ChatPass(browser, client_id=f"customer:{browser.customer.pk}")


def _csrf_check(request: HttpRequest) -> None:
    """As `rest_framework.authentication.SessionAuthentication` does it, for users of Django."""
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    reason = check.process_view(request, lambda: HttpResponse(), (), {})
    if reason:
        raise PermissionDenied(f"CSRF: {reason}")


class ChatSessionScheme(OpenApiAuthenticationExtension):
    """For the schema."""

    target_class = ChatSessionAuthentication
    name = "chatSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "the session of the chat in a customer's browser, with Django's CSRF token in X-CSRFToken"
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": description}
