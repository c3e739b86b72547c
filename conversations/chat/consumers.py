"""The chat's websocket: who is it, may they, and pass on. Everything else is done by the services it calls."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from conversations.chat.events import browser_group, conversation_group
from conversations.chat.frames import Frame, accepted_frame, error_frame, ready_frame, resumed_frame
from conversations.chat.limits import Bucket
from conversations.chat.parsing import MessageSent, ResumeAsked, Sent, StopAsked, TypingSeen, frame_parse
from conversations.chat.selectors import (
    conversation_get,
    conversation_latest,
    message_frames,
    seq_visible,
    state_frame,
)
from conversations.chat.services import chat_message_send
from conversations.chat.session import Browser, browser_get
from conversations.chat.standing import Standing
from conversations.chat.stops import stop_request
from conversations.chat.threads import in_thread
from conversations.chat.watch import watch_get
from omnicqm.common.errors import NotAuthenticated, OmniError, RateLimited, ServiceUnavailable, TooLarge
from omnicqm.common.logs import get_logger
from omnicqm.common.networks import network_of_scope

log = get_logger(__name__)

REPLAYED_AT_ONCE = 100
AWAY = (DatabaseError, InterfaceError, RedisError, OSError)  # database or broker do not answer: no fault of ours


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One page that shows one conversation, or none yet.

    `seq` is the newest message this page has been sent: a live one that does not follow it shows that a hint was lost,
    and the missing ones are read from the database. When no further hint comes, the process's `Watch` sees it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.browser: Browser | None = None  # as long as it may say something
        self.conversation_id = ""
        self.seq = 0
        self.in_order = asyncio.Lock()  # held by whoever sends messages and moves `seq`
        self.joined: list[str] = []
        self.frames_left = Bucket(burst=30, per_second=5)
        self.errors_left = Bucket(burst=20, per_second=0.2)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError) as error:  # not even a channel could be opened
            log.warning("chat_not_opened", error=type(error).__name__)
            await send({"type": "websocket.close", "code": 4503})
        finally:
            watch_get().leave(self)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Like Channels' own, which for each message asks a thread first to look for old database connections: here
        whoever asks the database does that for himself."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is not None:
            await handler(message)

    # --- Coming and going ---------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        await self.accept()
        await self._guarded(self._enter, complain=self._refuse)

    async def disconnect(self, code: int) -> None:
        for group in self.joined:
            with suppress(RedisError, OSError):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def _enter(self) -> None:
        browser = await in_thread(browser_get)(self.scope["session"])
        if browser is None:
            raise NotAuthenticated("Open the chat page first; it gives your browser a session.")
        watch_get().enter(self, browser.visitor)
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        if asked.get("mark", [browser.mark]) != [browser.mark]:  # it may hold words of who was here before
            raise NotAuthenticated("You have signed in or out. The page loads again.")
        conversation_id = await in_thread(_conversation_wanted)(browser, asked)
        await self._join(browser_group(browser.visitor))
        await self._follow(conversation_id)
        self.seq = await in_thread(seq_visible)(conversation_id)
        self.browser = browser
        await self.send_json(ready_frame(conversation_id, self.seq))

    async def _follow(self, conversation_id: str) -> None:
        """Follow this conversation instead of the one before."""
        if conversation_id:
            await self._join(conversation_group(conversation_id))
        if self.conversation_id:
            await self.channel_layer.group_discard(conversation_group(self.conversation_id), self.channel_name)
        self.conversation_id, self.seq = conversation_id, 0

    async def _join(self, group: str) -> None:
        self.joined.append(group)
        await self.channel_layer.group_add(group, self.channel_name)

    async def _refuse(self, error: OmniError) -> None:
        """Say why and hang up; the close code is 4000 and the HTTP status of the error."""
        self.browser = None
        await self.send_json(error_frame(error.code, error.message))
        await self.close(4000 + error.status)

    async def _guarded(
        self, work: Callable[[], Awaitable[None]], *, complain: Callable[[OmniError], Awaitable[None]]
    ) -> None:
        """Do `work`; whatever fails becomes an error of ours and none of the process's."""
        try:
            await work()
        except OmniError as error:
            await complain(error)
        except AWAY as error:
            log.warning("chat_unavailable", conversation=self.conversation_id, error=type(error).__name__)
            await complain(ServiceUnavailable("The chat cannot be reached at the moment. Try again in a moment."))
        except Exception:
            log.exception("chat_failed", conversation=self.conversation_id)
            await complain(ServiceUnavailable("That did not work. Try again in a moment."))

    # --- What the page says ------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        if self.browser is None:
            return  # refused, and still talking
        sent: Sent | None = None

        async def heard() -> None:
            nonlocal sent
            if not self.frames_left.take():
                raise RateLimited("Too many frames at once. Slow down.")
            sent = frame_parse(text_data, bytes_data)
            await self._handle(sent)

        await self._guarded(heard, complain=lambda error: self._complain(error, sent))

    async def _handle(self, sent: Sent) -> None:
        match sent:
            case MessageSent():
                await self._take_in(sent)
            case ResumeAsked(last_seq):
                await self._resume(last_seq)
            case StopAsked(run):
                await in_thread(stop_request)(conversation_id=self.conversation_id, run=run)
            case TypingSeen():
                pass  # heard, and shown to nobody: the customer's own other pages need not know

    async def _resume(self, last_seq: int) -> None:
        async with self.in_order:
            # A page that claims to have more than there is would otherwise never be sent what comes next.
            self.seq = min(last_seq, await in_thread(seq_visible)(self.conversation_id))
            await self._catch_up()
            if self.conversation_id:
                await self.send_json(await in_thread(state_frame)(self.conversation_id))
            await self.send_json(resumed_frame(self.seq))

    async def _complain(self, error: OmniError, sent: Sent | None) -> None:
        if isinstance(error, TooLarge) or not self.errors_left.take():
            await self._refuse(error)
            return
        client_id = sent.client_id if isinstance(sent, MessageSent) else ""
        await self.send_json(error_frame(error.code, error.message, client_id))

    async def _take_in(self, sent: MessageSent) -> None:
        accepted = await in_thread(self._accept)(sent)
        if accepted["conversation_id"] == self.conversation_id:
            await self.send_json(accepted)
            return
        async with self.in_order:
            await self._follow(accepted["conversation_id"])
            await self.send_json(accepted)
            await self._catch_up()  # it was announced before this page had joined

    def _accept(self, sent: MessageSent) -> Frame:
        assert self.browser
        accepted = chat_message_send(
            browser=self.browser,
            network=network_of_scope(self.scope),
            conversation_id=self.conversation_id,
            client_id=sent.client_id,
            text=sent.text,
            transcription_ids=sent.transcription_ids,
        )
        return accepted_frame(sent.client_id, accepted.message, accepted.query.pk)

    # --- What is going on -------------------------------------------------------------------------------------------
    async def chat_frame(self, event: dict[str, Any]) -> None:
        """A live event of the conversation."""
        frame = event["frame"]
        if frame["type"] != "message":
            await self.send_json(frame)
            return
        async with self.in_order:
            if frame["previous_seq"] > self.seq:
                await self._caught_up()
            elif frame["seq"] > self.seq:
                self.seq = frame["seq"]
                await self.send_json(frame)

    async def chat_leave(self, _: dict[str, Any]) -> None:
        """This browser has signed in or out in another page; its session is no longer what this one believed."""
        await self._refuse(NotAuthenticated("You have signed in or out. The page loads again."))

    # --- What the watch asks and says ---------------------------------------------------------------------------------
    @property
    def standing(self) -> Standing | None:
        """What it was let in for."""
        if self.browser is None:
            return None
        identity_id = self.browser.identity.pk if self.browser.identity else ""
        return Standing(self.scope["session"].session_key, self.browser.visitor, identity_id, self.conversation_id)

    async def refused(self, error: OmniError) -> None:
        await self._refuse(error)

    async def behind(self, newest: int) -> None:
        async with self.in_order:
            if self.seq < newest and await self._caught_up():
                self.seq = max(self.seq, newest)  # what is in between are internal notes

    async def _caught_up(self) -> bool:
        """Catch up if the database lets us; else the watch will see to it."""
        try:
            await self._catch_up()
        except AWAY as error:
            log.warning("chat_not_caught_up", conversation=self.conversation_id, error=type(error).__name__)
            return False
        return True

    async def _catch_up(self) -> None:
        """Send what the database has after `seq`."""
        while self.conversation_id:
            frames = await in_thread(message_frames)(self.conversation_id, after=self.seq, most=REPLAYED_AT_ONCE)
            for frame in frames:
                await self.send_json(frame)
                self.seq = frame["seq"]
            if len(frames) < REPLAYED_AT_ONCE:
                return


def _conversation_wanted(browser: Browser, asked: dict[str, list[str]]) -> str:
    """``?conversation=cnv_…`` asks for one, ``?new=1`` for none; else it is the latest open one.

    Raises `ConversationNotFound` for one that is not this browser's.
    """
    if "new" in asked:
        return ""
    if "conversation" in asked:
        return conversation_get(browser=browser, conversation_id=asked["conversation"][0]).pk
    latest = conversation_latest(browser)
    return latest.pk if latest else ""
