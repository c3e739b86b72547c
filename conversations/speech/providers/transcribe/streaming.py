"""One stream: our audio up, partial and final results down, and an end whatever the other side does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from conversations.speech.errors import SpeechBusy, SpeechUnavailable
from conversations.speech.providers.base import OnPartial
from conversations.speech.providers.transcribe.frames import FrameBroken, audio_event, frame_decode
from conversations.speech.providers.transcribe.results import heard_partial
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

CONNECT_SECONDS = 5.0
SEND_SECONDS = 5.0  # until a piece of audio is taken
FINAL_SECONDS = 10.0  # from the end of speech to the last result
MOST_RESULTS = 5_000
_BUSY = {"LimitExceededException"}

Results = dict[str, Mapping[str, Any]]


class _Straight(connect):
    """An address that is signed for one host is asked at that host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Stream:
    """`results` are the final ones by their id, in the order they came; `seconds_of` them. Use once."""

    def __init__(self, url: str, on_partial: OnPartial | None) -> None:
        self._url, self._on_partial = url, on_partial
        self.results: Results = {}
        self.language = ""

    async def run(self, audio: AsyncIterator[bytes]) -> None:
        """Send all of `audio`, take what comes. Raises `SpeechBusy`, `SpeechUnavailable`, and what `audio` raises."""
        try:
            async with _Straight(
                self._url, open_timeout=CONNECT_SECONDS, close_timeout=1, compression=None, max_size=2**20, proxy=None
            ) as socket:
                await self._exchange(socket, audio)
        except InvalidStatus as error:
            raise _refused(error.response.status_code) from None
        except (InvalidHandshake, InvalidURI, OSError, TimeoutError) as error:  # what they say holds the signed address
            raise SpeechUnavailable(f"connect:{type(error).__name__}") from None

    async def _exchange(self, socket: ClientConnection, audio: AsyncIterator[bytes]) -> None:
        sending, receiving = asyncio.ensure_future(_send(socket, audio)), asyncio.ensure_future(self._receive(socket))
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done() and (error := receiving.exception()):
                raise error  # the reason why nothing more is taken
            if not sending.done():
                raise SpeechUnavailable("closed_early")
            await sending
            async with asyncio.timeout(FINAL_SECONDS):
                await receiving
        except TimeoutError as error:
            raise SpeechUnavailable("no_final") from error
        finally:
            for task in (sending, receiving):
                task.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                await self._take(message)
        except ConnectionClosed as error:
            raise SpeechUnavailable("cut_off") from error
        except (FrameBroken, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SpeechUnavailable("garbled") from error

    async def _take(self, message: str | bytes) -> None:
        frame = frame_decode(message if isinstance(message, bytes) else message.encode())
        if frame.headers.get(":message-type") != "event":
            raise _failed(frame.headers.get(":exception-type") or frame.headers.get(":error-code", ""))
        if frame.headers.get(":event-type") != "TranscriptEvent":
            return
        results = json.loads(frame.payload)["Transcript"]["Results"]
        partial = [result for result in results if result.get("IsPartial")]
        for result in results:
            if not result.get("IsPartial"):
                self._keep(result)
        if self._on_partial is not None and results:
            await self._on_partial(heard_partial([*self.results.values(), *partial]))

    def _keep(self, result: Mapping[str, Any]) -> None:
        if len(self.results) >= MOST_RESULTS:
            raise SpeechUnavailable("too_much")
        self.results[str(result.get("ResultId") or len(self.results))] = result
        self.language = str(result.get("LanguageCode") or self.language)


async def _send(socket: ClientConnection, audio: AsyncIterator[bytes]) -> None:
    try:
        async for piece in audio:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send(audio_event(piece))
        async with asyncio.timeout(SEND_SECONDS):
            await socket.send(audio_event(b""))
    except TimeoutError as error:
        raise SpeechUnavailable("not_taken") from error
    except ConnectionClosed:
        # Why, the receiver knows; it ends with the connection.
        await asyncio.sleep(1)
        raise SpeechUnavailable("cut_off") from None


def _failed(name: str) -> SpeechBusy | SpeechUnavailable:
    log.warning("transcribe_stream_failed", code=name[:60])
    return SpeechBusy() if name in _BUSY else SpeechUnavailable(name[:40] or "unnamed")


def _refused(status: int) -> SpeechBusy | SpeechUnavailable:
    log.warning("transcribe_stream_refused", status=status)
    return SpeechBusy() if status == 429 else SpeechUnavailable(f"http_{status}")
