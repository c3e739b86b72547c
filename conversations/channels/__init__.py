"""Channels: one adapter for each kind, named in settings."""

from typing import TYPE_CHECKING

from omnicqm.common.backends import backend_get

if TYPE_CHECKING:
    from conversations.channels.base import Adapter
    from conversations.models import Channel


def adapter_for(channel: "Channel") -> "Adapter":
    """The adapter that serves `channel`. Raises `ConfigurationError` when its kind has none."""
    adapter: Adapter = backend_get("CHANNEL_ADAPTERS", channel.kind)
    return adapter
