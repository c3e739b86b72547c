"""What whoever listens must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal

from conversations.speech.types import Transcript

OnPartial = Callable[[str], Awaitable[None]]


class SpeechProvider(ABC):
    """An engine or a service. One instance serves all threads and event loops of a process.

    `name` goes into the cost ledger. `partials`: text comes while somebody speaks. Words with a confidence less than
    `doubt_below` are doubtful. `most_recording_seconds` is the longest attachment it takes.
    """

    name: str
    partials: bool
    doubt_below: float
    most_recording_seconds: int

    @abstractmethod
    def language_choose(self, wanted: str) -> str:
        """The language to listen for; empty `wanted` is the provider's own choice, empty answer: it finds out.

        Raises `LanguageUnsupported`.
        """

    @abstractmethod
    async def listen(self, audio: AsyncIterator[bytes], *, language: str, on_partial: OnPartial | None) -> Transcript:
        """What is said in `audio`: our samples in pieces of 100 ms, as they come; at most a minute of them.

        Always ends, however the other side behaves. An error of `audio` passes through. Raises `SpeechBusy` and
        `SpeechUnavailable`.
        """

    @abstractmethod
    def recording_begin(self, *, name: str, pcm: bytes, language: str) -> Transcript | None:
        """Begin to listen to a whole recording that no one waits at. None: ask `recording_look` later.

        Called again with the same `name` (letters, digits, ``-_``) it begins nothing anew. Raises as `listen`.
        """

    @abstractmethod
    def recording_look(self, *, name: str) -> Transcript | None:
        """What became of the recording that was begun as `name`; None: not yet. Raises as `listen`."""

    @abstractmethod
    def recording_forget(self, *, name: str) -> None:
        """Remove what was stored for `name`, which may be nothing. Raises `SpeechUnavailable`: try again later."""

    @abstractmethod
    def cost_usd(self, seconds: float) -> Decimal:
        """What a request with `seconds` of audio is billed with."""
