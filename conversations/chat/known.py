"""Browsers in which somebody has signed in as an address before: they have limits of their own.

A signed cookie, apart from the session, which ends sooner: keyed hashes of the last few addresses, and nothing that a
reader could use. It opens nothing. Where third parties have frames there is none.
"""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from conversations.identity import identity_normalise
from conversations.models import Identity
from omnicqm.common.errors import InvalidInput

COOKIE = "omnicqm_known"
MOST_KEPT = 5
LIFE = 365 * 24 * 3600
_SALT = "conversations.chat.known"


def browser_is_known(request: HttpRequest, email: str) -> bool:
    """Whether somebody has signed in as `email` in this browser within the last year."""
    try:
        return _hash(identity_normalise(Identity.Kind.EMAIL, email)) in _kept(request)
    except InvalidInput:
        return False


def known_remember(request: HttpRequest, response: HttpResponse, email: str) -> HttpResponse:
    """Note in `response` that somebody has just signed in as `email` (normalised)."""
    if getattr(request, "widget", None) is not None:
        return response
    kept = [_hash(email), *(known for known in _kept(request) if known != _hash(email))][:MOST_KEPT]
    response.set_signed_cookie(
        COOKIE,
        ".".join(kept),
        salt=_SALT,
        max_age=LIFE,
        path="/chat/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _kept(request: HttpRequest) -> list[str]:
    try:
        return (request.get_signed_cookie(COOKIE, salt=_SALT, max_age=LIFE) or "").split(".")
    except (KeyError, BadSignature):
        return []


def _hash(email: str) -> str:
    return salted_hmac(_SALT, email, algorithm="sha256").hexdigest()[:32]
