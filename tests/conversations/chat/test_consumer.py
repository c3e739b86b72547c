"""The websocket of the chat: what a page may say, what it is told, and that nothing it sends can break anything."""

import asyncio
import json
import logging

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.db import connections

from conversations.chat import events
from conversations.chat.events import conversation_group
from conversations.chat.parsing import MOST_BYTES
from conversations.chat.routing import websocket_urlpatterns
from conversations.chat.session import VISITOR_KEY, browser_get
from conversations.chat.stops import stop_requested
from conversations.models import Channel, Conversation, Message, Query
from conversations.services.messages import message_append
from tests.conversations.chat.conftest import Communicator, session_make
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch):
    """These tests are about the socket: queries stay where they were put."""
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@sync_to_async
def say(conversation, text, author=Message.Author.ASSISTANT, direction=Message.Direction.OUTBOUND, **fields):
    return message_append(
        conversation=conversation, direction=direction, author=author, channel=channel_get("chat"), text=text, **fields
    )


@sync_to_async
def customer_with_mail():
    """A customer who has written an e-mail: their session and the conversation."""
    customer = customer_make()
    conversation = conversation_make(customer, subject="My order")
    query_make(conversation, "Where is my order?", subject="My order")
    channel_get("chat")
    return session_make(customer.identities.get()), conversation


# --- Who may ---------------------------------------------------------------------------------------------------------


async def test_a_page_of_who_was_here_before_says_nothing_for_who_is_here_now(open_page, visitor):
    """It may have words of theirs that were not sent yet."""
    theirs = (await sync_to_async(browser_get)(await sync_to_async(session_make)())).mark
    async with open_page(visitor, f"new=1&mark={theirs}") as page:
        assert await page.closed() == 4401
    mine = (await sync_to_async(browser_get)(visitor)).mark
    async with open_page(visitor, f"new=1&mark={mine}") as page:
        assert (await page.heard())["type"] == "ready"
    assert visitor[VISITOR_KEY] not in mine


async def test_a_browser_that_never_opened_the_chat_page_is_sent_away(open_page):
    async with open_page({}) as page:
        assert (await page.heard())["code"] == "not_authenticated"
        assert await page.closed() == 4401


async def test_a_new_visitor_has_no_conversation_yet(open_page, visitor):
    async with open_page(visitor) as page:
        assert await page.heard() == {"type": "ready", "conversation_id": "", "seq": 0}


async def test_a_signed_in_customer_gets_the_open_conversation_that_something_was_last_said_in(open_page):
    session, conversation = await customer_with_mail()
    await sync_to_async(conversation_make)(conversation.customer, status=Conversation.Status.RESOLVED)
    async with open_page(session) as page:
        assert await page.heard() == {"type": "ready", "conversation_id": conversation.pk, "seq": 1}


async def test_a_page_may_ask_for_one_of_its_conversations_or_for_none(open_page):
    session, conversation = await customer_with_mail()
    older = await sync_to_async(conversation_make)(conversation.customer, status=Conversation.Status.RESOLVED)
    async with open_page(session, f"conversation={older.pk}") as page:
        assert (await page.heard())["conversation_id"] == older.pk
    async with open_page(session, "new=1") as page:
        assert (await page.heard())["conversation_id"] == ""


@pytest.mark.parametrize("asked", ["theirs", "cnv_00000000000000000000000000", "%00", "", "x" * 3000])
async def test_somebody_elses_conversation_is_not_found_like_one_that_is_not_there(open_page, visitor, asked):
    theirs = await sync_to_async(conversation_make)()
    async with open_page(visitor, f"conversation={theirs.pk if asked == 'theirs' else asked}&x") as page:
        first = await page.heard()
        if asked:
            assert (first["type"], first["code"]) == ("error", "conversation_not_found")
            assert await page.closed() == 4404


async def test_a_page_hears_only_its_own_conversation(open_page, visitor):
    theirs = await sync_to_async(conversation_make)()
    async with open_page(visitor) as page:
        await page.heard()
        await say(theirs, "Not for you")
        assert await page.hears_nothing()


# --- Saying something ------------------------------------------------------------------------------------------------


async def test_the_first_message_of_a_visitor_makes_a_conversation_that_waits_for_an_answer(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="When do you open?")
        accepted, message = await page.heard(), await page.heard()
        assert await page.hears_nothing()
    query = await Query.objects.select_related("message__sender", "conversation").aget()
    assert accepted == {
        "type": "accepted",
        "client_id": "c1",
        "seq": 1,
        "conversation_id": query.conversation_id,
        "reference": query.conversation.reference,
        "request_id": query.pk,
    }
    assert (message["seq"], message["author"], message["text"], message["client_id"]) == (
        1,
        "customer",
        "When do you open?",
        "c1",
    )
    assert query.message.sender.value == visitor[VISITOR_KEY]
    assert query.message.channel_id == "chat"
    assert not query.message.sender_verified


async def test_a_second_message_goes_into_the_same_conversation(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        for number in (1, 2):
            await page.send(type="message", client_id=f"c{number}", text=f"Question {number}")
            await page.heard_until("accepted")
    assert await Conversation.objects.acount() == 1
    assert [seq async for seq in Message.objects.order_by("seq").values_list("seq", flat=True)] == [1, 2]


async def test_a_customer_who_mailed_goes_on_in_the_same_conversation_as_the_verified_address(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="Any news?")
        frames = await page.heard_until("accepted")
    assert frames[-1]["conversation_id"] == conversation.pk
    message = await Message.objects.select_related("sender").aget(client_id="c1")
    assert (message.seq, message.channel_id, message.sender.kind, message.sender_verified) == (2, "chat", "email", True)


async def test_the_same_client_id_again_is_the_same_message(open_page, visitor):
    async with open_page(visitor, "new=1") as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="Hello")
        first = (await page.heard_until("accepted"))[-1]
        await page.heard()
        await page.send(type="message", client_id="c1", text="Hello")
        assert (await page.heard_until("accepted"))[-1] == first
    async with open_page(visitor, "new=1") as page:  # the connection broke before it was accepted
        await page.heard()
        await page.send(type="message", client_id="c1", text="Hello")
        assert (await page.heard_until("accepted"))[-1] == first
    assert await Message.objects.acount() == 1


async def test_two_visitors_may_use_the_same_client_id(open_page, visitor):
    other = await sync_to_async(session_make)()
    for session in (visitor, other):
        async with open_page(session) as page:
            await page.heard()
            await page.send(type="message", client_id="c1", text="Hello")
            await page.heard_until("accepted")
    assert await Conversation.objects.acount() == 2


async def test_a_message_with_nothing_left_after_cleaning_is_refused_by_name(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="\u200b\u0000")
        refused = await page.heard()
    assert (refused["type"], refused["client_id"]) == ("error", "c1")
    assert await Message.objects.acount() == 0


async def test_surrogates_and_nul_in_a_message_are_cleaned_and_accepted(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        await page.send_raw(r'{"type": "message", "client_id": "c1", "text": "Hel\u0000lo \ud800"}')
        assert (await page.heard_until("accepted"))[-1]["seq"] == 1
    assert (await Message.objects.aget()).text == "Hello"


async def test_without_the_chat_channel_the_page_is_told_plainly(open_page, visitor):
    await Channel.objects.filter(pk="chat").adelete()
    async with open_page(visitor) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="Hello")
        refused = await page.heard()
    assert refused["code"] == "configuration"
    assert "channel 'chat'" in refused["detail"]


async def test_a_minute_takes_twenty_messages_of_one_browser(open_page, visitor, monkeypatch):
    monkeypatch.setattr("conversations.chat.services.MESSAGES_PER_MINUTE", 2)
    async with open_page(visitor) as page:
        await page.heard()
        for number in (1, 2, 3):
            await page.send(type="message", client_id=f"c{number}", text="Hello")
        frames = await page.heard_until("error")
    assert (frames[-1]["code"], frames[-1]["client_id"]) == ("rate_limited", "c3")
    assert await Message.objects.acount() == 2


# --- Missing nothing -------------------------------------------------------------------------------------------------


async def test_a_page_that_resumes_is_sent_what_it_missed_and_then_what_comes(open_page):
    session, conversation = await customer_with_mail()
    await say(conversation, "First")
    await say(conversation, "Between us", Message.Author.CONSULTANT, Message.Direction.NOTE)
    await say(conversation, "Second")
    async with open_page(session) as page:
        assert (await page.heard())["seq"] == 4
        await page.send(type="resume", last_seq=1)
        replayed = await page.heard_until("resumed")
        await say(conversation, "Third")
        live = await page.heard()
    *messages, state, resumed = replayed
    assert [(f["text"], f["previous_seq"], f["seq"]) for f in messages] == [("First", 1, 2), ("Second", 2, 4)]
    assert (state["type"], state["status"], state["status_text"]) == ("conversation", "open", "Open")
    assert (state["joined"], state["is_pending"]) == (False, True), "the customer's mail waits for its answer"
    assert resumed == {"type": "resumed", "seq": 4}
    assert (live["text"], live["previous_seq"], live["seq"]) == ("Third", 4, 5)


async def test_a_long_thread_is_replayed_whole(open_page, monkeypatch):
    monkeypatch.setattr("conversations.chat.consumers.REPLAYED_AT_ONCE", 3)
    session, conversation = await customer_with_mail()
    for number in range(2, 9):
        await say(conversation, str(number))
    async with open_page(session) as page:
        await page.heard()
        await page.send(type="resume", last_seq=0)
        replayed = await page.heard_until("resumed")
    assert [frame["seq"] for frame in replayed if frame["type"] == "message"] == list(range(1, 9))


async def test_a_live_event_that_was_lost_is_read_from_the_database_with_the_next(open_page, monkeypatch):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        with monkeypatch.context() as broken:
            broken.setattr(events, "_publish", lambda *_: None)
            await say(conversation, "Lost")
        await say(conversation, "Arrived")
        assert [(await page.heard())["text"] for _ in range(2)] == ["Lost", "Arrived"]
        assert await page.hears_nothing()


async def test_an_event_that_comes_twice_is_shown_once(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        message = await say(conversation, "Once")
        await sync_to_async(events.message_announce)(message)
        assert (await page.heard())["text"] == "Once"
        assert await page.hears_nothing()


async def test_a_page_that_claims_to_have_more_than_there_is_still_hears_what_comes(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        await page.send(type="resume", last_seq=1000)
        assert (await page.heard_until("resumed"))[-1] == {"type": "resumed", "seq": 1}
        await say(conversation, "Still here")
        assert (await page.heard())["text"] == "Still here"


async def test_messages_said_while_pages_come_and_resume_arrive_once_and_in_order(open_page):
    session, conversation = await customer_with_mail()

    async def talk():
        for number in range(2, 32):
            await say(conversation, str(number))

    async def watch():
        async with open_page(session) as page:
            await page.heard()
            await page.send(type="resume", last_seq=0)
            seen = [frame["seq"] for frame in await page.heard_until("resumed") if frame["type"] == "message"]
            del seen[: seen.index(1)]  # a page drops what came live ahead of the answer to its resume
            while seen[-1] < 31:
                frame = await page.heard(20)
                if frame["type"] == "message":
                    seen.append(frame["seq"])
        return seen

    results = await asyncio.gather(*(watch() for _ in range(3)), talk())
    assert results[:3] == [list(range(1, 32))] * 3


async def test_two_pages_of_one_customer_stay_in_step(open_page):
    session, _ = await customer_with_mail()
    async with open_page(session) as one, open_page(session) as other:
        await one.heard()
        await other.heard()
        await one.send(type="message", client_id="c1", text="From the first page")
        await one.heard_until("accepted")
        assert (await other.heard())["text"] == "From the first page"


async def test_a_reply_is_shown_as_it_is_written(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        await sync_to_async(events.status_announce)(conversation.pk, "Looking that up…")
        await sync_to_async(events.delta_announce)(conversation.pk, "qry_1", "We open at nine.")
        await sync_to_async(events.retract_announce)(conversation.pk, "qry_1")
        assert [await page.heard() for _ in range(3)] == [
            {"type": "status", "text": "Looking that up…"},
            {"type": "delta", "run": "qry_1", "text": "We open at nine."},
            {"type": "retract", "run": "qry_1"},
        ]


async def test_after_signing_out_in_one_page_the_others_hear_nothing_more(open_page):
    session, _ = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        await sync_to_async(events.browser_disconnect)(session[VISITOR_KEY])
        assert (await page.heard())["code"] == "not_authenticated"
        assert await page.closed() == 4401


async def test_typing_is_heard_and_shown_to_nobody(open_page):
    session, _ = await customer_with_mail()
    async with open_page(session) as page, open_page(session) as other:
        await page.heard()
        await other.heard()
        await page.send(type="typing")
        assert await page.hears_nothing()
        assert await other.hears_nothing()


# --- Whatever comes --------------------------------------------------------------------------------------------------

BAD = [
    "",
    "hello",
    "null",
    "[]",
    '"message"',
    "{}",
    '{"type": null}',
    '{"type": "chat.frame"}',
    '{"type": "websocket.disconnect"}',
    '{"type": "message", "client_id": "c"}',
    '{"type": "message", "client_id": {"a": 1}, "text": "x"}',
    '{"type": "resume", "last_seq": "1"}',
    '{"type": "resume", "last_seq": 1e400}',
    '{"type": "stop"}',
    "[" * 20_000,
    '{"a":' * 5_000 + "1" + "}" * 5_000,
    "9" * 5_000,
]


async def test_every_bad_frame_gets_an_error_and_the_next_good_one_an_answer(open_page, visitor, caplog, monkeypatch):
    monkeypatch.setattr("conversations.chat.limits.Bucket.take", lambda _: True)
    async with open_page(visitor) as page:
        await page.heard()
        for text in BAD:
            await page.send_raw(text)
            assert (await page.heard())["type"] == "error", text[:60]
        await page.send_raw(binary=b"\xff\x00")
        assert (await page.heard())["code"] == "not_text"
        await page.send(type="message", client_id="c1", text="Hello")
        assert (await page.heard_until("accepted"))[-1]["seq"] == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_frame_above_64_kilobytes_ends_the_connection(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="x" * MOST_BYTES)
        assert (await page.heard())["type"] == "error"
        assert await page.closed() == 4413
    assert await Message.objects.acount() == 0


async def test_frames_that_come_too_fast_are_refused_and_then_the_connection_is_closed(open_page, visitor):
    async with open_page(visitor) as page:
        await page.heard()
        for _ in range(200):
            await page.send(type="typing")
        assert (await page.heard())["code"] == "rate_limited"
        assert await page.closed() == 4429


async def test_all_addresses_of_a_household_share_what_a_network_may_say(open_page, visitor, monkeypatch):
    monkeypatch.setattr("conversations.chat.services.MESSAGES_PER_MINUTE_AND_NETWORK", 1)
    other = await sync_to_async(session_make)()
    for session, network, told in ((visitor, "2001:db8::1", "accepted"), (other, "2001:db8::2:1", "error")):
        async with open_page(session, "new=1", network) as page:
            await page.heard()
            await page.send(type="message", client_id="c1", text="Hello")
            assert (await page.heard())["type"] == told


async def test_what_breaks_inside_is_told_without_its_reason(open_page, visitor, monkeypatch, caplog):
    def broken(**_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("conversations.chat.consumers.chat_message_send", broken)
    async with open_page(visitor) as page:
        await page.heard()
        await page.send(type="message", client_id="c1", text="Hello")
        refused = await page.heard()
    assert (refused["code"], refused["client_id"]) == ("unavailable", "c1")
    assert "secret" not in json.dumps(refused)
    assert "chat_failed" in caplog.text


async def test_a_page_that_goes_away_leaves_the_group(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        assert conversation_group(conversation.pk) in get_channel_layer().groups
    assert conversation_group(conversation.pk) not in get_channel_layer().groups


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/chat/", "/ws/other"])
async def test_there_is_no_other_socket(path):
    communicator = Communicator(URLRouter(websocket_urlpatterns), path)
    assert await communicator.connect() == (False, 1000)


async def test_a_customer_can_stop_the_reply_that_is_being_written(open_page):
    session, conversation = await customer_with_mail()
    async with open_page(session) as page:
        await page.heard()
        await page.send(type="stop", run="qry_1")
        await page.send(type="resume", last_seq=1)
        await page.heard_until("resumed")
    assert stop_requested(conversation_id=conversation.pk, run="qry_1")
