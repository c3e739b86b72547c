"""The channel layer of tests: in the memory of their process."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer


class MemoryLayer(InMemoryChannelLayer):
    def group_publish(self, group: str, event: dict[str, Any]) -> None:
        async_to_sync(self.group_send)(group, event)
