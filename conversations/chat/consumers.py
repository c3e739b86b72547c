"""The chat's websocket: who is it, may they, and pass on. Everything else is done by the services it calls."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
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
from conversations.chat.stops import stop_request
from omnicqm.common.errors import NotAuthenticated, OmniError, RateLimited, ServiceUnavailable, TooLarge
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

REPLAYED_AT_ONCE = 100


def in_thread[**P, R](function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Run blocking work in the process's thread pool; connections do not wait for each other."""
    return database_sync_to_async(function, thread_sensitive=False)


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One page that shows one conversation, or none yet.

    `seq` is the newest message this page has been sent: a live one that does not follow it shows that a hint was lost,
    and the missing ones are read from the database.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.browser: Browser | None = None
        self.conversation_id = ""
        self.seq = 0
        self.joined: list[str] = []
        self.frames_left = Bucket(burst=30, per_second=5)
        self.errors_left = Bucket(burst=20, per_second=0.2)

    # --- Coming and going ---------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        await self.accept()
        try:
            await self._enter()
        except OmniError as error:
            await self._refuse(error)
        except Exception:
            log.exception("chat_connect_failed")
            await self._refuse(ServiceUnavailable("The chat cannot be reached at the moment."))

    async def disconnect(self, code: int) -> None:
        for group in self.joined:
            with suppress(RedisError, OSError):
                await self.channel_layer.group_discard(group, self.channel_name)

    async def _enter(self) -> None:
        browser = await in_thread(browser_get)(self.scope["session"])
        if browser is None:
            raise NotAuthenticated("Open the chat page first; it gives your browser a session.")
        conversation_id = await in_thread(_conversation_wanted)(browser, self.scope["query_string"])
        await self._join(browser_group(browser.visitor))
        await self._watch(conversation_id)
        self.seq = await in_thread(seq_visible)(conversation_id)
        self.browser = browser
        await self.send_json(ready_frame(conversation_id, self.seq))

    async def _watch(self, conversation_id: str) -> None:
        """Follow this conversation instead of the one before."""
        if self.conversation_id:
            await self.channel_layer.group_discard(conversation_group(self.conversation_id), self.channel_name)
        self.conversation_id, self.seq = conversation_id, 0
        if conversation_id:
            await self._join(conversation_group(conversation_id))

    async def _join(self, group: str) -> None:
        self.joined.append(group)
        await self.channel_layer.group_add(group, self.channel_name)

    async def _refuse(self, error: OmniError) -> None:
        """Say why and hang up; the close code is 4000 and the HTTP status of the error."""
        await self.send_json(error_frame(error.code, error.message))
        await self.close(4000 + error.status)

    # --- What the page says ------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        if self.browser is None:
            return  # refused, and still talking
        sent = None
        try:
            if not self.frames_left.take():
                raise RateLimited("Too many frames at once. Slow down.")
            sent = frame_parse(text_data, bytes_data)
            await self._handle(sent)
        except OmniError as error:
            await self._complain(error, sent)
        except Exception:
            log.exception("chat_frame_failed", conversation=self.conversation_id)
            await self._complain(ServiceUnavailable("That did not work. Try again in a moment."), sent)

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
        moved = accepted["conversation_id"] != self.conversation_id
        if moved:
            await self._watch(accepted["conversation_id"])
        await self.send_json(accepted)
        if moved:
            await self._catch_up()  # it was announced before this page had joined

    def _accept(self, sent: MessageSent) -> Frame:
        assert self.browser
        accepted = chat_message_send(
            browser=self.browser,
            network=client_network(self.scope),
            conversation_id=self.conversation_id,
            client_id=sent.client_id,
            text=sent.text,
            transcription_id=sent.transcription_id,
        )
        return accepted_frame(sent.client_id, accepted.message, accepted.query.pk)

    # --- What is going on -------------------------------------------------------------------------------------------
    async def chat_frame(self, event: dict[str, Any]) -> None:
        """A live event of the conversation."""
        frame = event["frame"]
        if frame["type"] != "message":
            await self.send_json(frame)
        elif frame["previous_seq"] > self.seq:
            await self._catch_up()
        elif frame["seq"] > self.seq:
            self.seq = frame["seq"]
            await self.send_json(frame)

    async def chat_leave(self, _: dict[str, Any]) -> None:
        """This browser has signed in or out in another page; its session is no longer what this one believed."""
        await self._refuse(NotAuthenticated("You have signed in or out. The page loads again."))

    async def _catch_up(self) -> None:
        """Send what the database has after `seq`."""
        while self.conversation_id:
            frames = await in_thread(message_frames)(self.conversation_id, after=self.seq, most=REPLAYED_AT_ONCE)
            for frame in frames:
                await self.send_json(frame)
                self.seq = frame["seq"]
            if len(frames) < REPLAYED_AT_ONCE:
                return


def client_network(scope: dict[str, Any]) -> str:
    """The address the connection came from, for limits."""
    return (scope.get("client") or ["unknown"])[0]


def _conversation_wanted(browser: Browser, query_string: bytes) -> str:
    """``?conversation=cnv_…`` asks for one, ``?new=1`` for none; else it is the latest open one.

    Raises `ConversationNotFound` for one that is not this browser's.
    """
    asked = parse_qs(query_string.decode("latin-1"))
    if "new" in asked:
        return ""
    if "conversation" in asked:
        return conversation_get(browser=browser, conversation_id=asked["conversation"][0]).pk
    latest = conversation_latest(browser)
    return latest.pk if latest else ""
