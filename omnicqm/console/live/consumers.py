"""The console's websocket: who is it, may they, and pass on."""

import math
import secrets
import time
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from conversations.chat.frames import error_frame
from conversations.chat.threads import in_thread
from conversations.errors import EscalationNotFound
from conversations.models import Escalation
from conversations.sockets import GuardedConsumer
from omnicqm.common.errors import OmniError, RateLimited, TooLarge
from omnicqm.console.live.events import GROUP
from omnicqm.console.live.frames import Frame, ready_frame
from omnicqm.console.live.hub import TYPING_SECONDS, hub_get
from omnicqm.console.live.parsing import Ping, Sent, Typing, Watch, frame_parse
from omnicqm.console.live.standing import Person


class ConsoleConsumer(GuardedConsumer):
    """One page of the console. `watching` is the escalation it shows, `person` who looks at it; `heard_at` and
    `typed_at` are when the page last said anything, and that somebody writes there, on the monotonic clock."""

    what = "console"
    away = "The console cannot be reached at the moment. It tries again."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = secrets.token_hex(8)
        self.person: Person | None = None
        self.watching = ""
        self.heard_at = time.monotonic()
        self.typed_at = -math.inf

    async def left(self) -> None:
        await hub_get().leave(self)

    # --- Coming and going ---------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        await self.accept()
        await self.guarded(self._enter, complain=self.refused)

    async def disconnect(self, code: int) -> None:
        with suppress(RedisError, OSError):
            await self.channel_layer.group_discard(GROUP, self.channel_name)

    @property
    def session_key(self) -> str:
        return self.scope["session"].session_key or ""

    async def _enter(self) -> None:
        hub = hub_get()
        person = await hub.let_in(self.session_key)
        await self.channel_layer.group_add(GROUP, self.channel_name)  # before it is told what waits: nothing is missed
        counts = await hub.enter(self, person)
        await self.send_json(ready_frame(person, counts, hub.viewing))

    async def refused(self, error: OmniError) -> None:
        await hub_get().leave(self)
        self.person = None
        await self.hang_up(error)

    # --- What the page says -------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        if self.person is None:
            return  # refused, and still talking
        self.heard_at = time.monotonic()

        async def heard() -> None:
            if not self.frames_left.take():
                raise RateLimited("Too many frames at once. Slow down.")
            await self._handle(frame_parse(text_data, bytes_data))

        await self.guarded(heard, complain=self._complain)

    async def _handle(self, sent: Sent) -> None:
        match sent:
            case Ping():
                await self.send_json({"type": "pong"})
            case Watch(escalation_id):
                if escalation_id and not await in_thread(_exists)(escalation_id):
                    raise EscalationNotFound("There is no such escalation.")
                self.watching, self.typed_at = escalation_id, -math.inf
                await hub_get().look_around()
            case Typing():
                was_known = time.monotonic() - self.typed_at < TYPING_SECONDS
                self.typed_at = time.monotonic()
                if self.watching and not was_known:
                    await hub_get().look_around()

    async def _complain(self, error: OmniError) -> None:
        if isinstance(error, TooLarge) or not self.errors_left.take():
            await self.refused(error)
            return
        await self.send_json(error_frame(error.code, error.message))

    # --- What is going on ---------------------------------------------------------------------------------------------
    async def console_frame(self, event: dict[str, Any]) -> None:
        """Something happened to an escalation."""
        hub_get().happened()
        if self.person is not None:
            await self.send_json(event["frame"])

    async def told(self, frame: Frame) -> None:
        with suppress(RuntimeError):
            await self.send_json(frame)


def _exists(escalation_id: str) -> bool:
    return Escalation.objects.filter(pk=escalation_id).exists()
