"""Values of speech: ours, whoever the provider is."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

RATE = 16_000  # samples a second of all audio inside
BYTES_A_SECOND = RATE * 2  # mono, 16 bit, little endian


@dataclass(frozen=True)
class Word:
    """One word as it was heard. `confidence` is 0 to 1, None when the provider tells none; times are in seconds."""

    text: str
    confidence: float | None
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """What a provider heard. The words stand in `text` in their order, with punctuation between them if any."""

    text: str
    words: tuple[Word, ...]
    language: str
    duration_s: float
    model_used: str

    @property
    def confidence(self) -> float | None:
        """The mean of the words'; None when the provider told none."""
        told = [word.confidence for word in self.words if word.confidence is not None]
        return round(sum(told) / len(told), 4) if told else None


def pcm_seconds(size: int) -> float:
    """How long `size` bytes of our audio sound."""
    return size / BYTES_A_SECOND


def pcm_pieces(pcm: bytes, *, seconds: float = 0.1) -> Iterator[bytes]:
    """`pcm` in pieces of `seconds`, the last one shorter."""
    step = int(seconds * RATE) * 2
    for start in range(0, len(pcm), step):
        yield pcm[start : start + step]


def words_dump(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [asdict(word) for word in words]
