"""A console page as a test opens it: one websocket of a member of staff."""

from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.test import Client

from omnicqm import settings as shipped
from omnicqm.console.live import hub
from omnicqm.console.live.routing import console_urlpatterns
from tests.conversations.chat.conftest import Communicator, Page


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    """Looks around often, and hears what happens to escalations."""
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.05)
    settings.EVENT_TASKS = {**settings.EVENT_TASKS, "escalation.changed": shipped.EVENT_TASKS["escalation.changed"]}


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@sync_to_async
def session_of(user) -> SessionStore:
    """The session of a login, as the browser would bring it."""
    client = Client()
    client.force_login(user)
    return SessionStore(client.session.session_key)


@pytest.fixture
def open_console():
    """``async with open_console(session) as page``; `page` has not read its first frame yet."""
    application = URLRouter(console_urlpatterns)

    @asynccontextmanager
    async def open_(session):
        communicator = Communicator(application, "/ws/console")
        communicator.scope["session"] = session
        connected, _ = await communicator.connect(timeout=5)
        assert connected
        yield Page(communicator)
        await communicator.disconnect()

    return open_
