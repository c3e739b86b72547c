"""Who a browser is. Kept in the Django session, apart from staff logins: a customer is never a Django user.

Every browser has a visitor identity of its own; after signing in it acts as the verified e-mail identity instead.
"""

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import salted_hmac

from conversations.channels.base import Sender
from conversations.chat.language import SHOWN_KEY
from conversations.models import Customer, Identity, WidgetKey

VISITOR_KEY = "chat_visitor"
IDENTITY_KEY = "chat_identity"
CODE_KEY = "chat_sign_in_code"
WIDGET_KEY = "widget_key"  # of a session in the frame of a widget: the id of its key
MASKED_KEY = "chat_sign_in_masked"  # the code went to an address that this browser need not know
_KEYS = (VISITOR_KEY, IDENTITY_KEY, CODE_KEY, MASKED_KEY)


@dataclass(frozen=True)
class Browser:
    """Who is at the other end. `identity` is a verified one, or None for a visitor who has not signed in; `customer`
    is None for a visitor who has not said anything yet. `widget` is the key of the widget it speaks through, if any;
    `language` is that of the pages it was shown."""

    visitor: str
    identity: Identity | None = None
    customer: Customer | None = None
    widget: WidgetKey | None = None
    language: str = ""

    @property
    def is_signed_in(self) -> bool:
        return self.identity is not None

    @property
    def sender(self) -> Sender:
        """As whom this browser writes. Only signing in vouches for anybody."""
        if self.identity is not None:
            return Sender(kind=Identity.Kind(self.identity.kind), value=self.identity.value, verified=True)
        return Sender(kind=Identity.Kind.VISITOR, value=self.visitor)

    @property
    def mark(self) -> str:
        """By it a page knows whether the browser is still whose it was. The visitor is not to be read from it."""
        return salted_hmac("conversations.chat.mark", self.visitor, algorithm="sha256").hexdigest()[:16]

    @property
    def signed_in_as(self) -> str:
        """What a customer knows themselves by: their address or account number, else their name, which may be empty."""
        if self.identity is None:
            return ""
        name = self.customer.display_name if self.customer else ""
        return self.identity.value if self.identity.kind != Identity.Kind.EXTERNAL else name


def visitor_ensure(session: SessionBase) -> str:
    """The visitor identity of this browser; made on the first visit."""
    if VISITOR_KEY not in session:
        session[VISITOR_KEY] = visitor_make()
    return session[VISITOR_KEY]


def visitor_make() -> str:
    """The identity of a visitor nobody has been yet. Who knows it is taken for that visitor."""
    return f"v_{secrets.token_urlsafe(24)}"


def browser_get(session: MutableMapping[str, Any] | SessionBase) -> Browser | None:
    """Who the session says this is; None when it has not visited a chat page, or its widget is switched off."""
    visitor, widget = session.get(VISITOR_KEY), None
    if session.get(WIDGET_KEY):
        widget = WidgetKey.objects.select_related("channel").filter(pk=session[WIDGET_KEY], enabled=True).first()
    if not visitor or (widget is None and session.get(WIDGET_KEY)):
        return None
    language = session.get(SHOWN_KEY, "")
    identity = _identity(pk=session.get(IDENTITY_KEY), verified_at__isnull=False)
    if identity is not None and identity.kind != Identity.Kind.VISITOR:
        return Browser(visitor, identity, identity.customer, widget, language)
    mine = _identity(kind=Identity.Kind.VISITOR, value=visitor)
    return Browser(visitor, None, mine.customer if mine else None, widget, language)


def browser_sign_in(session: SessionBase, identity: Identity) -> None:
    """Act as `identity` from now on. The session gets a new key, so that one planted beforehand gains nothing."""
    visitor_ensure(session)
    session[IDENTITY_KEY] = identity.pk
    session.pop(CODE_KEY, None)
    session.pop(MASKED_KEY, None)
    session.cycle_key()


def browser_leave_other(session: SessionBase, customer: Customer) -> None:
    """When somebody other than `customer` is signed in here, forget them, the visitor they were before included: the
    next one begins with nothing of theirs."""
    identity = _identity(pk=session.get(IDENTITY_KEY))
    if identity is not None and identity.customer_id != customer.pk:
        browser_sign_out(session)


def browser_sign_out(session: SessionBase) -> None:
    """Forget who this was, the visitor and an awaited code included. A staff login in the same browser stays."""
    for key in _KEYS:
        session.pop(key, None)
    session.cycle_key()


def _identity(**conditions: Any) -> Identity | None:
    return Identity.objects.select_related("customer").filter(**conditions).first()
