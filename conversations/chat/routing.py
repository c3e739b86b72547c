"""Where the chat's websocket lives."""

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from conversations.chat.consumers import ChatConsumer


class NothingHere(AsyncWebsocketConsumer):
    """Any other address: the handshake is refused, without a traceback in the log."""

    async def connect(self) -> None:
        await self.close()


websocket_urlpatterns = [
    path("ws/chat", ChatConsumer.as_asgi()),
    re_path("", NothingHere.as_asgi()),
]
