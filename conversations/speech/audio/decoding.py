"""Read a recording in a process of its own, with a limit on memory and time.

Decoders are large programs in C that read what strangers send; a few kilobytes may stand for hours of silence.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

from conversations.speech.audio.kinds import FORMATS, container_of
from conversations.speech.errors import AudioRefused, AudioTooLarge, AudioTooLong, SpeechBusy
from omnicqm.common.logs import get_logger

SECONDS = 20  # for ten minutes of sound, which take two
AT_ONCE = 4
WAIT_SECONDS = 10.0

_ROOT = Path(__file__).resolve().parents[3]
_CHILD = "conversations.speech.audio.child"
_ERRORS = {error.code: error for error in (AudioRefused, AudioTooLong)}
_places = threading.BoundedSemaphore(AT_ONCE)

log = get_logger(__name__)


def audio_decode(data: bytes, *, most_seconds: int, most_bytes: int) -> bytes:
    """The recording `data` as 16 kHz mono 16-bit little-endian samples.

    Raises `AudioTooLarge`, `AudioTooLong`, `AudioRefused` (all with `param` audio), and `SpeechBusy` when too many are
    being decoded.
    """
    if len(data) > most_bytes:
        raise AudioTooLarge(f"The recording is larger than {most_bytes // 2**20} MB.", param="audio")
    container = container_of(data)
    if container is None:
        raise AudioRefused(f"This is no recording we can read. Send {FORMATS}.", param="audio")
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise SpeechBusy
    try:
        return _decode_apart(data, container, most_seconds)
    finally:
        _places.release()


def _decode_apart(data: bytes, container: str, most_seconds: int) -> bytes:
    command = [sys.executable, "-m", _CHILD, container, str(most_seconds), str(SECONDS)]
    try:
        child = subprocess.run(command, input=data, capture_output=True, cwd=_ROOT, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise AudioRefused("The recording takes too long to read. Record it again.", param="audio") from error
    if child.returncode:
        log.warning("audio_child_died", container=container, code=child.returncode)
        raise AudioRefused("The recording is broken. Record it again.", param="audio")
    answer, _, pcm = child.stdout.partition(b"\n")
    told = json.loads(answer)
    if "code" in told:
        raise _ERRORS[told["code"]](told["message"], param="audio")
    return pcm
