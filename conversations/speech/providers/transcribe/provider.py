"""Amazon Transcribe as a provider. Facts: Transcribe Developer Guide (Streaming; Guidelines and quotas; Pricing)."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

from conversations.speech.errors import LanguageUnsupported
from conversations.speech.providers.base import OnPartial, SpeechProvider
from conversations.speech.providers.transcribe.batch import Jobs
from conversations.speech.providers.transcribe.results import heard_batch, heard_live
from conversations.speech.providers.transcribe.streaming import Stream
from conversations.speech.types import RATE, Transcript, pcm_seconds
from omnicqm.common.aws import aws_presigned_socket
from omnicqm.common.errors import ConfigurationError

STREAMING, BATCH = "transcribe-streaming", "transcribe-batch"
LEAST_BILLED_SECONDS = 15
SIGNED_SECONDS = 60  # Transcribe allows 300; the address is used at once
PATH = "/stream-transcription-websocket"


class TranscribeSpeech(SpeechProvider):
    """`languages` are codes such as ``en-US``; the first is listened for unless somebody says otherwise, of several
    Transcribe finds out. Raises `ConfigurationError` when something needed is missing."""

    name = "transcribe"
    partials = True
    most_recording_seconds = 600

    def __init__(
        self,
        *,
        languages: Sequence[str],
        bucket: str,
        kms_key: str = "",
        usd_per_minute: str = "0.024",
        doubt_below: float = 0.6,
    ) -> None:
        if not bucket:
            raise ConfigurationError(
                "OMNICQM_TRANSCRIBE_BUCKET is not set. Name a bucket for recordings under way.",
                param="OMNICQM_TRANSCRIBE_BUCKET",
            )
        self.doubt_below = doubt_below
        self._languages = tuple(languages)
        self._usd_per_minute = Decimal(usd_per_minute)
        self._jobs = Jobs(bucket=bucket, kms_key=kms_key, languages=self._languages)

    def language_choose(self, wanted: str) -> str:
        if not wanted:
            return self._languages[0] if len(self._languages) == 1 else ""
        for language in self._languages:
            if language.lower() == wanted.lower() or language.lower().startswith(f"{wanted.lower()}-"):
                return language
        known = ", ".join(self._languages)
        raise LanguageUnsupported(f"Languages understood here: {known}. Type instead.", param="language")

    async def listen(self, audio: AsyncIterator[bytes], *, language: str, on_partial: OnPartial | None) -> Transcript:
        counted = _Counted(audio)
        # Signing may ask the machine's metadata service; the address counts from its signature on.
        stream = Stream(await asyncio.to_thread(self._address, language), on_partial)
        await stream.run(counted.pieces())
        return heard_live(
            list(stream.results.values()),
            language=stream.language or language,
            duration_s=round(pcm_seconds(counted.size), 2),
            model=STREAMING,
        )

    def recording_begin(self, *, name: str, pcm: bytes, language: str) -> None:
        self._jobs.begin(name=name, pcm=pcm, language=language)

    def recording_look(self, *, name: str) -> Transcript | None:
        file = self._jobs.text(name=name)
        return heard_batch(file, duration_s=0.0, model=BATCH, language="") if file is not None else None

    def recording_forget(self, *, name: str) -> None:
        self._jobs.forget(name=name)

    def cost_usd(self, seconds: float) -> Decimal:
        return self._usd_per_minute * max(math.ceil(seconds), LEAST_BILLED_SECONDS) / 60

    def _address(self, language: str) -> str:
        spoken = {"language-code": language}
        if not language:
            spoken = {"identify-language": "true", "language-options": ",".join(self._languages)}
        query = {
            **spoken,
            "media-encoding": "pcm",
            "sample-rate": str(RATE),
            # Words stop changing soon: less flicker, and less to wait for at the end.
            "enable-partial-results-stabilization": "true",
            "partial-results-stability": "high",
        }
        return aws_presigned_socket(
            "transcribe", "TRANSCRIBE_STREAMING", path=PATH, query=query, seconds=SIGNED_SECONDS
        )


class _Counted:
    """How many bytes of audio went by: what the stream is billed with."""

    def __init__(self, audio: AsyncIterator[bytes]) -> None:
        self._audio, self.size = audio, 0

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._audio:
            self.size += len(piece)
            yield piece
