"""What our websockets share: whatever fails becomes an error of ours, told in a frame, and none of the process's."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from conversations.chat.frames import error_frame
from conversations.chat.limits import Bucket
from omnicqm.common.errors import OmniError, ServiceUnavailable
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

AWAY = (DatabaseError, InterfaceError, RedisError, OSError)  # database or broker do not answer: no fault of ours


class GuardedConsumer(AsyncJsonWebsocketConsumer):
    """`what` names it in logs, `away` tells a page that it cannot be reached. Speaks 30 frames at once, 5 a second."""

    what: str
    away: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frames_left = Bucket(burst=30, per_second=5)
        self.errors_left = Bucket(burst=20, per_second=0.2)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (RedisError, OSError) as error:  # not even a channel could be opened
            log.warning(f"{self.what}_not_opened", error=type(error).__name__)
            await send({"type": "websocket.close", "code": 4503})
        finally:
            await self.left()

    async def left(self) -> None:
        """The connection is over, however it ended."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Like Channels' own, which for each message asks a thread first to look for old database connections: here
        whoever asks the database does that for himself."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is not None:
            await handler(message)

    async def hang_up(self, error: OmniError) -> None:
        """Say why and hang up; the close code is 4000 and the HTTP status of the error."""
        with suppress(RuntimeError):  # who is gone already cannot be told
            await self.send_json(error_frame(error.code, error.message))
            await self.close(4000 + error.status)

    async def guarded(
        self,
        work: Callable[[], Awaitable[None]],
        *,
        complain: Callable[[OmniError], Awaitable[None]],
        **noted: Any,
    ) -> None:
        """Do `work`; what fails is complained of, and logged with `noted` where it is no error of ours."""
        try:
            await work()
        except OmniError as error:
            await complain(error)
        except AWAY as error:
            log.warning(f"{self.what}_unavailable", **noted, error=type(error).__name__)
            await complain(ServiceUnavailable(self.away))
        except Exception:
            log.exception(f"{self.what}_failed", **noted)
            await complain(ServiceUnavailable("That did not work. Try again in a moment."))
