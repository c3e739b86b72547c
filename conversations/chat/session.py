"""Who a browser is. Kept in the Django session, apart from staff logins: a customer is never a Django user.

Every browser has a visitor identity of its own; after signing in it acts as the verified e-mail identity instead.
"""

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from conversations.channels.base import Sender
from conversations.chat.language import SHOWN_KEY
from conversations.models import Customer, Identity

VISITOR_KEY = "chat_visitor"
IDENTITY_KEY = "chat_identity"
_KEYS = (VISITOR_KEY, IDENTITY_KEY)


@dataclass(frozen=True)
class Browser:
    """Who is at the other end. `identity` is a verified e-mail identity, or None for a visitor who has not signed in;
    `customer` is None for a visitor who has not said anything yet; `language` is that of the pages it was shown."""

    visitor: str
    identity: Identity | None = None
    customer: Customer | None = None
    language: str = ""

    @property
    def is_signed_in(self) -> bool:
        return self.identity is not None

    @property
    def sender(self) -> Sender:
        """As whom this browser writes. Only signing in vouches for anybody."""
        if self.identity is not None:
            return Sender(kind=Identity.Kind.EMAIL, value=self.identity.value, verified=True)
        return Sender(kind=Identity.Kind.VISITOR, value=self.visitor)


def visitor_ensure(session: SessionBase) -> str:
    """The visitor identity of this browser; made on the first visit."""
    if VISITOR_KEY not in session:
        session[VISITOR_KEY] = f"v_{secrets.token_urlsafe(24)}"
    return session[VISITOR_KEY]


def browser_get(session: MutableMapping[str, Any] | SessionBase) -> Browser | None:
    """Who the session says this is; None when it has not visited a chat page."""
    visitor = session.get(VISITOR_KEY)
    if not visitor:
        return None
    language = session.get(SHOWN_KEY, "")
    identity = _identity(pk=session.get(IDENTITY_KEY), kind=Identity.Kind.EMAIL, verified_at__isnull=False)
    if identity is not None:
        return Browser(visitor, identity, identity.customer, language)
    mine = _identity(kind=Identity.Kind.VISITOR, value=visitor)
    return Browser(visitor, None, mine.customer if mine else None, language)


def browser_sign_in(session: SessionBase, identity: Identity) -> None:
    """Act as `identity` from now on. The session gets a new key, so that one planted beforehand gains nothing."""
    visitor_ensure(session)
    session[IDENTITY_KEY] = identity.pk
    session.cycle_key()


def browser_sign_out(session: SessionBase) -> None:
    """Forget who this was, the visitor included. A staff login in the same browser stays."""
    for key in _KEYS:
        session.pop(key, None)
    session.cycle_key()


def _identity(**conditions: Any) -> Identity | None:
    return Identity.objects.select_related("customer").filter(**conditions).first()
