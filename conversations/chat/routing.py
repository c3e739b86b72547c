"""Where the chat's websockets live."""

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from conversations.chat.consumers import ChatConsumer
from conversations.speech.consumers import VoiceConsumer


class NothingHere(AsyncWebsocketConsumer):
    """Any other address: the handshake is refused, without a traceback in the log."""

    async def connect(self) -> None:
        await self.close()


websocket_urlpatterns = [
    path("ws/chat", ChatConsumer.as_asgi()),
    path("ws/voice", VoiceConsumer.as_asgi()),
    re_path("", NothingHere.as_asgi()),
]
