from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from conversations.chat.routing import websocket_urlpatterns
from conversations.chat.session import browser_sign_in, visitor_ensure
from tests.conversations.people import channel_get


@pytest.fixture(autouse=True)
def fresh_limits():
    """The cache outlives a test; what was counted against limits must not."""
    cache.clear()


class Communicator(WebsocketCommunicator):
    """Closes connections after use like the product: channels' own one keeps them for tests inside a transaction."""

    send_input = ApplicationCommunicator.send_input
    receive_output = ApplicationCommunicator.receive_output


class Page:
    """A chat page: one websocket, and every frame it was sent."""

    def __init__(self, communicator):
        self.communicator = communicator

    async def send(self, **frame):
        await self.communicator.send_json_to(frame)

    async def send_raw(self, text=None, binary=None):
        await self.communicator.send_input({"type": "websocket.receive", "text": text, "bytes": binary})

    async def heard(self, timeout=5.0):
        return await self.communicator.receive_json_from(timeout)

    async def heard_until(self, kind, timeout=5.0):
        """Frames up to and including the first of type `kind`."""
        frames = []
        while not frames or frames[-1]["type"] != kind:
            frames.append(await self.heard(timeout))
        return frames

    async def hears_nothing(self):
        return await self.communicator.receive_nothing(timeout=0.1)

    async def closed(self):
        """The close code; frames before it are dropped."""
        while (event := await self.communicator.receive_output(5))["type"] != "websocket.close":
            pass
        return event["code"]


@pytest.fixture
def open_page():
    """``async with open_page(session, "new=1") as page``; `page` has not read its first frame yet."""
    application = URLRouter(websocket_urlpatterns)

    @asynccontextmanager
    async def open_(session, query="", network="192.0.2.7"):
        communicator = Communicator(application, f"/ws/chat?{query}")
        communicator.scope["session"] = session
        communicator.scope["client"] = [network, 50000]
        connected, _ = await communicator.connect(timeout=5)
        assert connected
        yield Page(communicator)
        await communicator.disconnect()

    return open_


def session_make(identity=None):
    session = SessionStore()
    visitor_ensure(session)
    if identity is not None:
        browser_sign_in(session, identity)
    session.save()
    return session


@pytest.fixture
async def visitor():
    """The session of somebody who has not signed in."""
    await sync_to_async(channel_get)("chat")
    return await sync_to_async(session_make)()
