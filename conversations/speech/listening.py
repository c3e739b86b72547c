"""Audio goes to the provider, text comes back; the ledger hears of it whatever happens."""

import asyncio
import time
from collections.abc import AsyncIterator

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async

from conversations.speech.audio.decoding import audio_decode
from conversations.speech.errors import NothingHeard, SpeechUnavailable
from conversations.speech.ledger import Hearing
from conversations.speech.places import place
from conversations.speech.provider import speech_get
from conversations.speech.providers.base import OnPartial, SpeechProvider
from conversations.speech.types import Transcript, pcm_pieces, pcm_seconds
from omnicqm.common.errors import OmniError
from omnicqm.common.models import Attempt

MOST_SECONDS = 60  # of what somebody waits at
MOST_BYTES = 16 * 2**20
PIECE_SECONDS = 0.1
RECORDED_SPEED = 2.0  # of a recording that is streamed; Transcribe asks for about the speed of speech


def recording_hear(*, data: bytes, language: str, scope: str, holder: str, most: int) -> Transcript:
    """What is said in the recording `data`, while the caller waits. Not to be called inside a transaction.

    `holder` may have `most` recordings under way. Raises errors of `conversations.speech` and `RateLimited`.
    """
    with place(holder, most=most):
        pcm = audio_decode(data, most_seconds=MOST_SECONDS, most_bytes=MOST_BYTES)
        return async_to_sync(speech_hear)(audio=_played(pcm), language=language, scope=scope)


async def speech_hear(
    *, audio: AsyncIterator[bytes], language: str, scope: str, on_partial: OnPartial | None = None
) -> Transcript:
    """What is said in `audio`, our samples in pieces of 100 ms. Errors of `audio` pass through.

    Raises `LanguageUnsupported`, `SpeechBusy`, `SpeechUnavailable` and `NothingHeard`.
    """
    provider = speech_get()
    chosen = provider.language_choose(language)
    counted = _Counted(audio)
    try:
        transcript = await provider.listen(counted.pieces(), language=chosen, on_partial=on_partial)
    except (Exception, asyncio.CancelledError) as error:
        await asyncio.shield(_failure_note(counted.hearing(provider, scope), error))
        raise
    hearing = counted.hearing(provider, scope)
    await database_sync_to_async(hearing.note)(Attempt.Outcome.OK, model=transcript.model_used)
    if not transcript.text.strip():
        raise NothingHeard
    return transcript


async def _failure_note(hearing: Hearing, error: BaseException) -> None:
    outcome, code = Attempt.Outcome.ERROR, type(error).__name__
    if isinstance(error, SpeechUnavailable):
        code = error.reason
    elif isinstance(error, OmniError):
        code = error.code
    elif isinstance(error, asyncio.CancelledError):
        outcome = Attempt.Outcome.ABANDONED
    await database_sync_to_async(hearing.note)(outcome, error_code=code)


async def _played(pcm: bytes) -> AsyncIterator[bytes]:
    """`pcm` in pieces, about as fast as somebody speaks who is in a hurry."""
    is_timed = speech_get().partials
    for piece in pcm_pieces(pcm, seconds=PIECE_SECONDS):
        yield piece
        if is_timed:
            await asyncio.sleep(pcm_seconds(len(piece)) / RECORDED_SPEED)


class _Counted:
    def __init__(self, audio: AsyncIterator[bytes]) -> None:
        self._audio, self._size, self._at = audio, 0, time.monotonic()

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._audio:
            self._size += len(piece)
            yield piece
        self._at = time.monotonic()

    def hearing(self, provider: SpeechProvider, scope: str) -> Hearing:
        return Hearing(provider, scope, pcm_seconds(self._size), self._at)
