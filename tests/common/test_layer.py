"""What synchronous code publishes reaches the members of a group, through a real Valkey."""

import socket
import time

import pytest
from redis.exceptions import RedisError

from omnicqm.common.layer import ValkeyLayer

EVENT = {"type": "chat.frame", "frame": {"type": "status", "text": "Grüße 🙂"}}


@pytest.fixture
async def layer(valkey, settings):
    layer = ValkeyLayer(hosts=[settings.REDIS_URL])
    yield layer
    await layer.flush()


async def member(layer, valkey, group):
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    while f"asgi__group__{group}" not in valkey.pubsub_channels():
        pass  # until the server knows
    return channel


async def test_members_of_the_group_hear_it_and_nobody_else_does(layer, valkey):
    mine, other = await member(layer, valkey, "chat.mine"), await member(layer, valkey, "chat.other")
    layer.group_publish("chat.mine", EVENT)
    layer.group_publish("chat.other", {**EVENT, "n": 2})
    assert await layer.receive(mine) == EVENT
    assert (await layer.receive(other))["n"] == 2
    layer.group_publish("chat.nobody", EVENT)


async def test_it_is_heard_although_the_broker_has_closed_every_connection(layer, valkey):
    channel = await member(layer, valkey, "chat.mine")
    layer.group_publish("chat.mine", EVENT)
    await layer.receive(channel)
    valkey.client_kill_filter(_type="normal", skipme=False)
    layer.group_publish("chat.mine", EVENT)
    assert await layer.receive(channel) == EVENT


def test_a_broker_that_hangs_is_not_waited_for_long(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        with pytest.raises((RedisError, OSError)):
            ValkeyLayer(hosts=[settings.REDIS_URL]).group_publish("chat.mine", EVENT)
        assert time.monotonic() - began < 5
