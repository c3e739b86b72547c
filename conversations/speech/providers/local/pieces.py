"""Cut long recordings where it is quiet: the engine's memory and time grow with what it hears in one go."""

from collections.abc import Iterator

import numpy as np

from conversations.speech.types import RATE

SHORTEST, LONGEST = 20 * RATE, 30 * RATE  # samples of a piece
WINDOW = RATE // 5


def quiet_pieces(pcm: bytes) -> Iterator[tuple[int, bytes]]:
    """Pieces of at most 30 s with the sample they begin at, cut at the quietest moment of the last ten seconds."""
    samples = np.frombuffer(pcm, dtype="<i2")
    start = 0
    while len(samples) - start > LONGEST:
        end = start + SHORTEST + _quietest(samples[start + SHORTEST : start + LONGEST])
        yield start, samples[start:end].tobytes()
        start = end
    yield start, samples[start:].tobytes()


def _quietest(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> int:
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(np.int32)
    return int(np.abs(windows).mean(axis=1).argmin()) * WINDOW + WINDOW // 2
