"""The chat's websocket: who is it, may they, and pass on. Everything else is done by the services it calls."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from redis.exceptions import RedisError

from conversations.chat.events import browser_group, conversation_group
from conversations.chat.frames import Frame, accepted_frame, error_frame, ready_frame, resumed_frame
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
from conversations.sockets import AWAY, GuardedConsumer
from omnicqm.common.errors import NotAuthenticated, OmniError, RateLimited, TooLarge
from omnicqm.common.logs import get_logger
from omnicqm.common.networks import network_of_scope

log = get_logger(__name__)

REPLAYED_AT_ONCE = 100


class ChatConsumer(GuardedConsumer):
    """One page that shows one conversation, or none yet.

    `seq` is the newest message this page has been sent: a live one that does not follow it shows that a hint was lost,
    and the missing ones are read from the database. When no further hint comes, the process's `Watch` sees it.
    """

    what = "chat"
    away = "The chat cannot be reached at the moment. Try again in a moment."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.browser: Browser | None = None  # as long as it may say something
        self.conversation_id = ""
        self.seq = 0
        self.in_order = asyncio.Lock()  # held by whoever sends messages and moves `seq`
        self.joined: list[str] = []

    async def left(self) -> None:
        watch_get().leave(self)

    # --- Coming and going ---------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        await self.accept()
        await self.guarded(self._enter, complain=self.refused)

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

        noted = {"conversation": self.conversation_id}
        await self.guarded(heard, complain=lambda error: self._complain(error, sent), **noted)

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
            await self.refused(error)
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
        await self.refused(NotAuthenticated("You have signed in or out. The page loads again."))

    # --- What the watch asks and says ---------------------------------------------------------------------------------
    @property
    def standing(self) -> Standing | None:
        """What it was let in for."""
        if self.browser is None:
            return None
        identity_id = self.browser.identity.pk if self.browser.identity else ""
        return Standing(self.scope["session"].session_key, self.browser.visitor, identity_id, self.conversation_id)

    async def refused(self, error: OmniError) -> None:
        self.browser = None
        await self.hang_up(error)

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
