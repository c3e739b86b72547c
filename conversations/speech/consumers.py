"""``/ws/voice``: who speaks, may they, and pass on. docs/voice.md is the contract."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from conversations.chat.frames import error_frame
from conversations.chat.limits import Bucket
from conversations.chat.session import Browser, browser_get
from conversations.models import Transcription
from conversations.speech.doors import SCOPE, holder_of, recording_count
from conversations.speech.frames import (
    CancelAsked,
    EndAsked,
    Frame,
    StartAsked,
    audio_check,
    voice_frame_parse,
)
from conversations.speech.listening import MOST_SECONDS, speech_hear
from conversations.speech.live import Microphone
from conversations.speech.places import place
from conversations.speech.provider import speech_get
from conversations.speech.selectors import transcription_document
from conversations.speech.services import Owner, transcription_create
from conversations.speech.types import Transcript
from omnicqm.common.errors import InvalidInput, NotAuthenticated, OmniError, RateLimited, ServiceUnavailable, TooLarge
from omnicqm.common.logs import get_logger
from omnicqm.common.networks import network_of_scope

log = get_logger(__name__)


class VoiceConsumer(AsyncWebsocketConsumer):
    """One page that speaks: one recording after another. Nothing of a recording outlives it but its transcription."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.browser: Browser | None = None
        self.microphone: Microphone | None = None
        self.task: asyncio.Task[None] | None = None
        # Frames are 50 ms or longer; what a slow line held back for a minute may come at once.
        self.frames_left = Bucket(burst=1500, per_second=60)
        self.errors_left = Bucket(burst=20, per_second=0.2)

    # --- Coming and going ---------------------------------------------------------------------------------------------
    async def connect(self) -> None:
        await self.accept()
        try:
            self.browser = await _in_thread(browser_get, self.scope["session"])
            if self.browser is None:
                raise NotAuthenticated("Open the chat page first; it gives your browser a session.")
        except OmniError as error:
            await self._refuse(error)
        except Exception:
            log.exception("voice_connect_failed")
            await self._refuse(ServiceUnavailable("Voice cannot be reached at the moment."))

    async def disconnect(self, code: int) -> None:
        await self._stop()

    async def _refuse(self, error: OmniError) -> None:
        """Say why and hang up; the close code is 4000 and the HTTP status of the error."""
        self.browser = None
        await self._stop()
        await self._tell(error_frame(error.code, error.message))
        await self.close(4000 + error.status)

    # --- What the page says ------------------------------------------------------------------------------------------
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.browser is None:
            return  # refused, and still talking
        try:
            if not self.frames_left.take():
                raise TooLarge("Too many frames at once.")
            if text_data is None:
                await self._hear(audio_check(bytes_data or b""))
            else:
                await self._handle(text_data)
        except OmniError as error:
            await self._complain(error)
        except Exception:
            log.exception("voice_frame_failed")
            await self._complain(ServiceUnavailable("That did not work. Try again in a moment."))

    async def _handle(self, text: str) -> None:
        match voice_frame_parse(text):
            case StartAsked(language):
                await self._start(language)
            case EndAsked():
                await self._end()
            case CancelAsked():
                await self._stop()
                await self._tell({"type": "cancelled"})

    async def _start(self, language: str) -> None:
        assert self.browser
        if self.task is not None:
            raise InvalidInput("A recording is under way. Send end or cancel first.", param="type")
        provider = await _in_thread(speech_get)
        provider.language_choose(language)
        await _in_thread(recording_count, visitor=self.browser.visitor, network=network_of_scope(self.scope))
        self.microphone = Microphone()
        self.task = asyncio.create_task(self._listen(self.browser, self.microphone, language))
        await self._tell({"type": "ready", "max_seconds": MOST_SECONDS, "partials": provider.partials})

    async def _hear(self, audio: bytes) -> None:
        """Audio without a recording is what was under way when it ended."""
        if self.microphone is None or self.microphone.is_over:
            return
        self.microphone.feed(audio)
        if self.microphone.is_over:
            await self._tell({"type": "transcribing"})

    async def _end(self) -> None:
        if self.microphone is None:
            raise InvalidInput("There is no recording to end. Send start first.", param="type")
        if not self.microphone.is_over:
            self.microphone.end()
            await self._tell({"type": "transcribing"})

    async def _stop(self) -> None:
        """Forget the recording under way."""
        task, self.task, self.microphone = self.task, None, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _complain(self, error: OmniError) -> None:
        """The recording is over: a page that sends what is none cannot be trusted to have sent all of it."""
        if isinstance(error, TooLarge) or not self.errors_left.take():
            await self._refuse(error if isinstance(error, TooLarge) else RateLimited("Too many malformed frames."))
            return
        await self._stop()
        await self._tell(error_frame(error.code, error.message))

    # --- What comes of it ---------------------------------------------------------------------------------------------
    async def _listen(self, browser: Browser, microphone: Microphone, language: str) -> None:
        """The recording's own task: it ends with exactly one frame, unless it is cancelled."""
        try:
            answer = await self._answer(browser, microphone, language)
        except OmniError as error:
            answer = error_frame(error.code, error.message)
        except Exception:
            log.exception("voice_failed")
            failure = ServiceUnavailable("What you said could not be turned into text. Type, or try again in a moment.")
            answer = error_frame("speech_unavailable", failure.message)
        self.task = self.microphone = None
        await self._tell(answer)

    async def _answer(self, browser: Browser, microphone: Microphone, language: str) -> Frame:
        with place(holder_of(browser.visitor)):
            transcript = await speech_hear(
                audio=microphone.pieces(), language=language, scope=SCOPE, on_partial=self._partial
            )
        document = await _in_thread(_keep, transcript, browser)
        return {"type": "transcript", **document, **({"cut": True} if microphone.is_cut else {})}

    async def _partial(self, text: str) -> None:
        await self._tell({"type": "partial", "text": text})

    async def _tell(self, frame: Frame) -> None:
        with suppress(RuntimeError):  # the page has left
            await self.send(json.dumps(frame, ensure_ascii=False))


def _keep(transcript: Transcript, browser: Browser) -> Frame:
    row = transcription_create(
        transcript=transcript, owner=Owner(visitor=browser.visitor), source=Transcription.Source.LIVE
    )
    return transcription_document(row)


async def _in_thread(function: Any, *args: Any, **kwargs: Any) -> Any:
    return await database_sync_to_async(function, thread_sensitive=False)(*args, **kwargs)
