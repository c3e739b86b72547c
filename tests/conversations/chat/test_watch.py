"""What the process's watch finds in the database for the pages that nobody told: ended sessions, lost messages.

Every hint through the channel layer is dropped on purpose in these tests.
"""

import asyncio
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from conversations.chat import events, watch
from conversations.chat.session import browser_sign_out
from conversations.chat.standing import Standing, StandingCheck
from conversations.identity import customer_merge
from conversations.models import Conversation, Customer, Identity, Message
from conversations.services.messages import message_append
from tests.conversations.chat.conftest import session_make
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(watch, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def no_hints(monkeypatch):
    monkeypatch.setattr(events, "_publish", lambda *_: None)


@sync_to_async
def say(conversation, text, direction=Message.Direction.OUTBOUND):
    return message_append(
        conversation=conversation,
        direction=direction,
        author=Message.Author.CONSULTANT,
        channel=channel_get("chat"),
        text=text,
    )


@sync_to_async
def signed_in():
    """Session and conversation of a customer with a verified address."""
    customer = customer_make()
    conversation = conversation_make(customer)
    query_make(conversation, "Where is my order?")
    channel_get("chat")
    return session_make(customer.identities.get()), conversation


# --- Messages nobody was told of -------------------------------------------------------------------------------------


async def test_a_message_whose_hint_was_lost_comes_although_no_other_follows(open_page, no_hints):
    session, conversation = await signed_in()
    async with open_page(session) as page:
        await page.heard()
        await say(conversation, "Lost on the way")
        frame = await page.heard()
    assert (frame["text"], frame["previous_seq"], frame["seq"]) == ("Lost on the way", 1, 2)


async def test_hints_that_are_lost_at_random_make_neither_gaps_nor_doubles(open_page, monkeypatch):
    publish, count = events._publish, iter(range(10_000))
    monkeypatch.setattr(events, "_publish", lambda *event: publish(*event) if next(count) % 3 == 0 else None)
    session, conversation = await signed_in()
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(open_page(session)) for _ in range(3)]
        for page in pages:
            await page.heard()
        for number in range(2, 30):
            await say(conversation, str(number))
        for page in pages:
            frames = [await page.heard() for _ in range(28)]
            assert [frame["seq"] for frame in frames] == list(range(2, 30))
            assert [frame["previous_seq"] for frame in frames] == list(range(1, 29))
            assert await page.hears_nothing()


async def test_a_second_tab_and_a_second_device_are_in_step_without_any_hint(open_page, no_hints):
    session, conversation = await signed_in()
    device = await sync_to_async(session_make)(await Identity.objects.aget(customer=conversation.customer_id))
    async with open_page(session) as one, open_page(session) as tab, open_page(device) as other:
        for page in (one, tab, other):
            await page.heard()
        await one.send(type="message", client_id="c1", text="From the first page")
        await one.heard_until("accepted")
        assert [(await page.heard())["text"] for page in (one, tab, other)] == ["From the first page"] * 3


async def test_a_note_between_consultants_is_looked_for_once_and_never_shown(open_page, no_hints, monkeypatch):
    session, conversation = await signed_in()
    asked = []
    frames = "conversations.chat.consumers.message_frames"
    from conversations.chat.selectors import message_frames

    monkeypatch.setattr(frames, lambda *a, **k: asked.append(k["after"]) or message_frames(*a, **k))
    async with open_page(session) as page:
        await page.heard()
        await say(conversation, "Between us", Message.Direction.NOTE)
        await asyncio.sleep(0.6)
        assert asked == [1]
        await say(conversation, "For her")
        frame = await page.heard()
    assert (frame["text"], frame["previous_seq"], frame["seq"]) == ("For her", 2, 3)


# --- Sessions that ended ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["signed out", "deleted", "expired", "identity gone", "identity no longer verified"])
async def test_an_ended_session_closes_every_page_of_it_although_nobody_was_told(open_page, no_hints, how):
    session, conversation = await signed_in()
    identity = Identity.objects.filter(customer=conversation.customer_id)
    async with open_page(session) as one, open_page(session) as other:
        await one.heard()
        await other.heard()
        match how:
            case "signed out":
                await sync_to_async(browser_sign_out)(session)
            case "deleted":
                await session.adelete()
            case "expired":
                await sync_to_async(session.model.objects.update)(expire_date="2020-01-01T00:00Z")
            case "identity gone":
                await sync_to_async(Message.objects.update)(sender=None)
                await identity.adelete()
            case _:
                await identity.aupdate(verified_at=None)
        expected = 4404 if how.startswith("identity") else 4401
        assert [await page.closed() for page in (one, other)] == [expected] * 2


async def test_signing_in_on_the_same_browser_closes_the_page_of_the_visitor(open_page, visitor, no_hints):
    async with open_page(visitor) as page:
        await page.heard()
        customer = await sync_to_async(customer_make)()
        await sync_to_async(_sign_in)(visitor, await customer.identities.aget())
        assert await page.closed() == 4401


def _sign_in(session, identity):
    from conversations.chat.session import browser_sign_in

    browser_sign_in(session, identity)
    session.save()


async def test_a_page_goes_on_when_its_customer_is_merged_and_ends_when_the_conversation_becomes_anothers(
    open_page, no_hints
):
    session, conversation = await signed_in()
    async with open_page(session) as page:
        await page.heard()
        other = await sync_to_async(customer_make)("other@example.com")
        absorbed = await Customer.objects.aget(pk=conversation.customer_id)
        await sync_to_async(customer_merge)(customer=other, absorbed=absorbed, actor="test")
        await asyncio.sleep(0.3)
        await say(conversation, "Still yours")
        assert (await page.heard())["text"] == "Still yours"
        stranger = await sync_to_async(customer_make)("stranger@example.com")
        await Conversation.objects.filter(pk=conversation.pk).aupdate(customer=stranger)
        assert await page.closed() == 4404


async def test_what_is_in_order_stays_open_and_a_refused_page_is_heard_no_more(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        await asyncio.sleep(0.4)
        assert await page.hears_nothing()
        await visitor.adelete()
        assert (await page.heard())["code"] == "not_authenticated"
        await page.send(type="message", client_id="c1", text="Am I still there?")
        await asyncio.sleep(0.2)
    assert await Message.objects.acount() == 0


# --- What it costs, and what it bears --------------------------------------------------------------------------------


def test_many_pages_are_looked_at_with_four_queries():
    pages = []
    for number in range(30):
        customer = customer_make(f"c{number}@example.com")
        identity = customer.identities.get()
        conversation = conversation_make(customer)
        session = session_make(identity if number % 2 else None)
        if number % 2 == 0:
            Identity.objects.create(customer=customer, kind="visitor", value=session["chat_visitor"])
        pages.append(
            Standing(session.session_key, session["chat_visitor"], identity.pk if number % 2 else "", conversation.pk)
        )
    check = StandingCheck()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        checked = check(pages)
    assert len(queries) == 4
    assert (checked.signed_out, checked.not_theirs) == (frozenset(), frozenset())
    assert set(checked.newest) == {page.conversation_id for page in pages}


async def test_a_database_that_is_away_closes_nobody(open_page, visitor, monkeypatch, caplog):
    async with open_page(visitor) as page:
        await page.heard()

        def away(*_):
            raise OperationalError("gone")

        with monkeypatch.context() as broken:
            broken.setattr(StandingCheck, "__call__", away)
            await asyncio.sleep(0.3)
        assert await page.hears_nothing()
        await visitor.adelete()
        assert await page.closed() == 4401
    assert "chat_pages_not_checked" in caplog.text
    assert "Traceback" not in caplog.text


async def test_one_browser_may_have_so_many_pages_and_each_that_closes_makes_room(open_page, visitor, monkeypatch):
    monkeypatch.setattr(watch, "MOST_PAGES_OF_A_BROWSER", 2)
    other = await sync_to_async(session_make)()
    async with open_page(visitor) as one, open_page(other) as somebody_else:
        async with open_page(visitor) as two:
            for page in (one, two, somebody_else):  # all are let in before the next one asks
                assert (await page.heard())["type"] == "ready"
            async with open_page(visitor) as three:
                assert (await three.heard())["code"] == "rate_limited"
                assert await three.closed() == 4429
        async with open_page(visitor) as again:
            assert (await again.heard())["type"] == "ready"


async def test_a_process_holds_so_many_pages_and_no_more(open_page, visitor, monkeypatch):
    monkeypatch.setattr(watch, "MOST_PAGES", 1)
    other = await sync_to_async(session_make)()
    async with open_page(visitor) as one:
        await one.heard()  # it is let in before the other asks
        async with open_page(other) as two:
            assert (await two.heard())["code"] == "unavailable"
            assert await two.closed() == 4503


async def test_nothing_is_kept_of_pages_that_have_gone(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        watching = watch.watch_get()
        assert len(watching._pages) == 1
    await asyncio.sleep(0)
    assert (watching._pages, watching._browsers, watching._tending, watching._running) == ({}, {}, {}, None)
