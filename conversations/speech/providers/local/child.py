"""The other end of `provider`: ``… child CPU_SECONDS``, our samples on stdin; the words as JSON on stdout."""

import json
import re
import resource
import sys
from typing import Any

from pocketsphinx import Config, Decoder

from conversations.speech.providers.local.pieces import quiet_pieces
from conversations.speech.types import RATE

MEMORY = 1536 * 1024**2  # bytes of address space; it uses 120 MB
FRAME_SECONDS = 0.01
# Half the time at the same errors on the clips of docs/evaluation/voice.md: fewer words and states a frame.
OPTIONS: dict[str, Any] = {"samprate": RATE, "maxwpf": 10, "maxhmmpf": 3000, "loglevel": "FATAL"}
_VARIANT = re.compile(r"\(\d+\)$")  # "to(3)": the third way to say "to"
_NO_WORD = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")


def main(cpu_seconds: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    json.dump(words_heard(sys.stdin.buffer.read()), sys.stdout)


def words_heard(pcm: bytes) -> list[tuple[str, float, float, float]]:
    """(word, confidence, start, end) of every word in `pcm`."""
    decoder = Decoder(Config(**OPTIONS))
    return [word for start, piece in quiet_pieces(pcm) for word in _piece_hear(decoder, piece, start / RATE)]


def _piece_hear(decoder: Decoder, pcm: bytes, offset: float) -> list[tuple[str, float, float, float]]:
    """Whole pieces are heard better than the same audio as it comes: loudness and microphone are known beforehand."""
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [
        (
            _VARIANT.sub("", segment.word),
            round(min(max(segment.prob, 0.0), 1.0), 4),
            round(offset + segment.start_frame * FRAME_SECONDS, 2),
            round(offset + (segment.end_frame + 1) * FRAME_SECONDS, 2),
        )
        for segment in decoder.seg() or ()
        if not _NO_WORD.fullmatch(segment.word)
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
