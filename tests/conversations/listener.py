"""A chat page's end of the channel layer."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from conversations.chat.events import conversation_group


class Listener:
    """Hears what the pages of a conversation are told, from now on."""

    def __init__(self, conversation_id: str) -> None:
        self._layer, self._channel = get_channel_layer(), "specific.listener"
        async_to_sync(self._layer.group_add)(conversation_group(conversation_id), self._channel)

    def frames(self) -> list[dict[str, Any]]:
        """The frames since the last call."""
        queue = self._layer.channels.get(self._channel)
        return [] if queue is None else [queue.get_nowait()[1]["frame"] for _ in range(queue.qsize())]
