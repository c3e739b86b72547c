"""The chat's websockets in a frame: with the frame's session, for pages of ours alone."""

from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.urls import path

from conversations.chat.consumers import ChatConsumer
from conversations.speech.consumers import VoiceConsumer
from conversations.widget.selectors import widget_key_get
from conversations.widget.session import session_open
from omnicqm.common.errors import OmniError


class WidgetSocket:
    """Gives `application` the session of the frame; refuses the handshake for other pages and keys."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        session = None
        if _is_own_page(scope):
            opened = database_sync_to_async(_session, thread_sensitive=False)
            session = await opened(scope["url_route"]["kwargs"]["key"], scope.get("cookies", {}))
        if session is None:
            await receive()
            await send({"type": "websocket.close"})
            return
        await self.application({**scope, "session": session}, receive, send)


def _session(public_key: str, cookies: dict[str, str]) -> SessionBase | None:
    try:
        return session_open(cookies, widget_key_get(public_key))
    except OmniError:
        return None


def _is_own_page(scope: dict[str, Any]) -> bool:
    """Whether the page that opens it is the chat itself. The page around the frame shares the frame's cookie with it,
    so a host that is ours is not enough: it must be this one, with its port."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"origin", b"host")}
    return bool(headers.get(b"host")) and urlsplit(headers.get(b"origin", "")).netloc == headers[b"host"]


# ASGI applications, which `path` knows nothing of.
_chat: Any = WidgetSocket(ChatConsumer.as_asgi())
_voice: Any = WidgetSocket(VoiceConsumer.as_asgi())
widget_urlpatterns = [path("widget/frame/<str:key>/ws/chat", _chat), path("widget/frame/<str:key>/ws/voice", _voice)]
