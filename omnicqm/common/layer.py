"""The channel layer on Valkey: Channels' own, to which synchronous code can publish as well."""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

from omnicqm.common.rates.connections import client_get

_PREFIX = "asgi"


class ValkeyLayer(RedisPubSubChannelLayer):
    """`RedisPubSubChannelLayer` with `group_publish`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix=_PREFIX, **options)

    def group_publish(self, group: str, event: dict[str, Any]) -> None:
        """`group_send` for synchronous code: one round trip over a connection that the process keeps.

        By way of `async_to_sync` a thread without an event loop would make one, and connect and sign in, for each
        event. Raises `RedisError` or OSError when the broker does not answer within half a second.
        """
        client_get().publish(f"{_PREFIX}__group__{group}", self.serialize(event))
