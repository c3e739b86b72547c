"""The chat's websockets in a frame: the frame's own session, and only for the chat itself."""

from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.contrib.sessions.backends.db import SessionStore

from conversations.chat.session import WIDGET_KEY, visitor_ensure
from conversations.models import Message, WidgetKey
from conversations.widget.session import COOKIE
from conversations.widget.sockets import widget_urlpatterns
from tests.conversations.chat.conftest import Communicator, Page
from tests.conversations.people import channel_get
from tests.conversations.widget.shop import SHOP, key_make

pytestmark = pytest.mark.django_db(transaction=True)
HOST, ORIGIN = "chat.example:8443", "https://chat.example:8443"


def session_make(key_id):
    session = SessionStore()
    session[WIDGET_KEY] = key_id
    visitor_ensure(session)
    session.save()
    return session.session_key


@pytest.fixture
async def shop():
    await sync_to_async(channel_get)("chat")
    key, _ = await sync_to_async(key_make)()
    return key


@pytest.fixture
async def cookie(shop):
    return await sync_to_async(session_make)(shop.pk)


def communicator(key, cookie, origin=ORIGIN, path="chat?new=1"):
    headers = [(b"host", HOST.encode()), (b"cookie", f"{COOKIE}={cookie}".encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    application = CookieMiddleware(URLRouter(widget_urlpatterns))
    made = Communicator(application, f"/widget/frame/{key}/ws/{path}", headers=headers)
    made.scope["client"] = ["192.0.2.7", 50000]
    return made


@asynccontextmanager
async def connected(key, cookie):
    made = communicator(key, cookie)
    assert (await made.connect(timeout=5))[0]
    yield Page(made)
    await made.disconnect()


async def test_what_is_said_in_the_frame_comes_in_on_the_channel_of_the_key(shop, cookie):
    await sync_to_async(channel_get)("shop-chat", kind="chat")
    await WidgetKey.objects.aupdate(channel="shop-chat")
    async with connected(shop.public_key, cookie) as page:
        await page.heard_until("ready")
        await page.send(type="message", client_id="c1", text="Hello")
        await page.heard_until("accepted")
    assert (await Message.objects.aget(client_id="c1")).channel_id == "shop-chat"


@pytest.mark.parametrize(
    "origin", [None, "null", SHOP, "https://chat.example", "https://chat.example.evil.example:8443"]
)
@pytest.mark.parametrize("path", ["chat?new=1", "voice"])
async def test_the_page_around_the_frame_cannot_speak_for_its_visitor(shop, cookie, origin, path):
    assert not (await communicator(shop.public_key, cookie, origin, path).connect(timeout=5))[0]


async def test_unknown_and_disabled_keys_have_no_socket(shop, cookie):
    assert not (await communicator("pk_nobody", cookie).connect(timeout=5))[0]
    await WidgetKey.objects.aupdate(enabled=False)
    assert not (await communicator(shop.public_key, cookie).connect(timeout=5))[0]


async def test_a_session_of_another_key_or_of_our_own_pages_is_nobody(shop):
    for session in (await sync_to_async(session_make)("wgt_other"), await sync_to_async(session_make)("")):
        page = communicator(shop.public_key, session)
        assert (await page.connect(timeout=5))[0]
        assert await Page(page).closed() == 4401


async def test_a_key_that_is_switched_off_ends_what_is_being_said(shop, cookie):
    async with connected(shop.public_key, cookie) as page:
        await page.heard_until("ready")
        await WidgetKey.objects.aupdate(enabled=False)
        await page.send(type="message", client_id="c1", text="Hello")
        [*_, error] = await page.heard_until("error")
        assert error["code"] == "unavailable"


async def test_all_visitors_of_a_key_share_its_messages(shop, cookie):
    await WidgetKey.objects.aupdate(messages_per_minute=2)
    async with connected(shop.public_key, cookie) as page:
        await page.heard_until("ready")
        for number in range(3):
            await page.send(type="message", client_id=f"c{number}", text="Hello")
        [*_, error] = await page.heard_until("error", timeout=20)
        assert error["code"] == "rate_limited"
