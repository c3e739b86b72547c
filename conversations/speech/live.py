"""What somebody says right now, on its way to the provider."""

import asyncio
import time
from collections.abc import AsyncIterator

from conversations.speech.errors import NoAudio
from conversations.speech.listening import MOST_SECONDS, PIECE_SECONDS
from conversations.speech.types import BYTES_A_SECOND

SILENT_SECONDS = 15.0  # without any audio; Transcribe hangs up then too
MOST_WALL_SECONDS = MOST_SECONDS * 2.0  # a page whose audio comes late and late ends too
_MOST_BYTES = MOST_SECONDS * BYTES_A_SECOND
_PIECE_BYTES = int(PIECE_SECONDS * BYTES_A_SECOND)


class Microphone:
    """Takes pieces of any size and hands them on in equal ones. Holds a minute at most, whoever is slow."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._taken = 0
        self._came = asyncio.Event()
        self._until = time.monotonic() + MOST_WALL_SECONDS
        self.is_over = False
        self.is_cut = False

    def feed(self, audio: bytes) -> None:
        """What exceeds a minute is dropped, and ends it (`is_cut`)."""
        if self.is_over:
            return
        taken = audio[: _MOST_BYTES - self._taken]
        self._taken += len(taken)
        self._waiting += taken
        if self._taken >= _MOST_BYTES or time.monotonic() > self._until:
            self.is_cut = True
            self.end()
        self._came.set()

    def end(self) -> None:
        self.is_over = True
        self._came.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Pieces of 100 ms, the last one shorter. Raises `NoAudio` when nothing comes for a while."""
        while True:
            while len(self._waiting) >= _PIECE_BYTES:
                yield self._cut(_PIECE_BYTES)
            if self.is_over:
                break
            await self._more()
        if self._waiting:
            yield self._cut(len(self._waiting))

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._waiting[:size])
        del self._waiting[:size]
        return piece

    async def _more(self) -> None:
        self._came.clear()
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                await self._came.wait()
        except TimeoutError as error:
            raise NoAudio("No sound came from your microphone. Check it, or type.") from error
