"""pocketsphinx: English, demonstration grade, inside this installation.

The engine holds Python's lock while it works and is written in C, so each recording is heard by a process of its own:
nobody else waits, and what breaks there ends there.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from conversations.speech.errors import LanguageUnsupported, SpeechBusy, SpeechUnavailable
from conversations.speech.providers.base import OnPartial, SpeechProvider
from conversations.speech.spoken import digits_join, fillers_drop
from conversations.speech.types import Transcript, Word, pcm_seconds
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

PATIENCE_SECONDS = 30.0  # beside twice its length, for what somebody waits at
MODEL = "local-pocketsphinx-en-us"
_ROOT = Path(__file__).resolve().parents[4]
_CHILD = "conversations.speech.providers.local.child"


class LocalSpeech(SpeechProvider):
    """`at_once` recordings are heard at the same time, others wait for their turn: one takes a processor for about a
    third of its length. `doubt_below` was chosen by what it gets right (docs/evaluation/voice.md)."""

    name = "local"
    partials = False
    most_recording_seconds = 120

    def __init__(self, *, at_once: int = 2, doubt_below: float = 0.2) -> None:
        self.doubt_below = doubt_below
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="speech-local")

    def language_choose(self, wanted: str) -> str:
        if wanted and wanted.partition("-")[0].lower() != "en":
            raise LanguageUnsupported("Only English is understood here. Type instead.", param="language")
        return "en-US"

    async def listen(self, audio: AsyncIterator[bytes], *, language: str, on_partial: OnPartial | None) -> Transcript:
        pcm = b"".join([piece async for piece in audio])
        hearing = asyncio.get_running_loop().run_in_executor(self._threads, transcript_make, pcm)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + pcm_seconds(len(pcm)) * 2):
                return await hearing
        except TimeoutError as error:  # others are heard before; what has not begun is not begun any more
            raise SpeechBusy from error

    def recording_begin(self, *, name: str, pcm: bytes, language: str) -> Transcript:
        return self._threads.submit(transcript_make, pcm).result()

    def recording_look(self, *, name: str) -> Transcript | None:
        """A recording is heard where it is begun: who asks later asks for one that was lost on the way."""
        raise SpeechUnavailable("lost")

    def recording_forget(self, *, name: str) -> None:
        """Nothing is stored."""

    def cost_usd(self, seconds: float) -> Decimal:
        return Decimal(0)


def transcript_make(pcm: bytes) -> Transcript:
    """What the engine hears in `pcm`. Raises `SpeechUnavailable` when it breaks or takes far too long."""
    words = digits_join(fillers_drop(_words_hear(pcm)))
    text = " ".join(word.text for word in words)
    return Transcript(text, tuple(words), "en-US", round(pcm_seconds(len(pcm)), 2), MODEL)


def _seconds_for(pcm: bytes) -> int:
    """Of processor time; it needs a third of the length. On a busy machine it may wait as long again."""
    return 10 + int(pcm_seconds(len(pcm)) * 1.5)


def _words_hear(pcm: bytes) -> list[Word]:
    seconds = _seconds_for(pcm)
    command = [sys.executable, "-m", _CHILD, str(seconds)]
    try:
        child = subprocess.run(command, input=pcm, capture_output=True, cwd=_ROOT, timeout=seconds * 2, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise SpeechUnavailable("timeout") from error
    if child.returncode:
        log.warning("speech_child_died", code=child.returncode)
        raise SpeechUnavailable("died")
    return [Word(*word) for word in json.loads(child.stdout)]
