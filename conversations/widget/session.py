"""The session of the chat in a frame: its own, apart from the one of our own pages, and one for each key.

Its cookie goes along into frames of other sites (`SameSite=None`) and is kept apart for each of them (`Partitioned`),
so browsers that block third-party cookies keep it too. A framed page never acts with the session of our own pages.
"""

from collections.abc import Mapping, MutableMapping
from http.cookies import Morsel
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest, HttpResponseBase

from conversations.chat.session import WIDGET_KEY
from conversations.models import WidgetKey
from conversations.widget.origins import is_local
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

Values = MutableMapping[str, Any] | SessionBase
COOKIE = "omnicqm_widget"
SEEN_KEY = "widget_seen"  # when somebody last had the chat before their eyes, as ISO 8601


class _PartitionedMorsel(Morsel[str]):
    """A cookie with the attribute that the standard library knows from Python 3.14 on."""

    def OutputString(self, attrs: Any = None) -> str:  # noqa: N802 - the standard library's name
        return super().OutputString(attrs) + "; Partitioned"


def frame_path(public_key: str) -> str:
    """Below which the chat of a key lives, without a slash at the end."""
    return f"/widget/frame/{public_key}"


def session_open(cookies: Mapping[str, str], key: WidgetKey) -> SessionBase:
    """The session that the cookie names, if it was begun with `key`; an empty one otherwise."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session: SessionBase = store(cookies.get(COOKIE) or None)
    return session if session.get(WIDGET_KEY) == key.pk else store()


def session_keep(request: HttpRequest, response: HttpResponseBase, session: SessionBase, key: WidgetKey) -> None:
    """Store the session and hand its cookie out, if anything of it has changed."""
    if not session.modified or response.status_code >= 500:
        return
    session[WIDGET_KEY] = key.pk
    try:
        session.save()
    except UpdateError:  # it was ended elsewhere while this request was being answered
        log.info("widget_session_gone")
        return
    _cookie_set(request, response, session, key)


def _cookie_set(request: HttpRequest, response: HttpResponseBase, session: SessionBase, key: WidgetKey) -> None:
    """Browsers take a `Secure` cookie over https, and from this machine; over plain http elsewhere only a cookie that
    works where page and chat are one site."""
    secure = request.is_secure() or is_local(request.get_host().rsplit(":", 1)[0].strip("[]"))
    response.set_cookie(
        COOKIE,
        session.session_key or "",
        max_age=settings.SESSION_COOKIE_AGE,
        path=frame_path(key.public_key) + "/",
        secure=secure,
        httponly=True,
        samesite="None" if secure else "Lax",
    )
    if secure:
        plain, morsel = response.cookies[COOKIE], _PartitionedMorsel()
        morsel.set(COOKIE, plain.value, plain.coded_value)
        morsel.update(plain)
        dict.__setitem__(response.cookies, COOKIE, morsel)
