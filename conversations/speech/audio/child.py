"""The other end of `decoding`: ``… child CONTAINER MOST_SECONDS CPU_SECONDS``, a recording on stdin; a line of JSON and
the samples on stdout.

It starts for every recording, so it loads nothing of the product but plain values.
"""

import io
import json
import resource
import sys

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer

from conversations.speech.audio.kinds import CODECS, FORMATS, PICTURES
from conversations.speech.types import BYTES_A_SECOND, RATE

MEMORY = 1024 * 1024**2  # bytes of address space
LEAST_RATE, MOST_RATE, MOST_CHANNELS = 8_000, 96_000, 2
LEAST_SECONDS = 0.1
REFUSED, TOO_LONG = "audio_refused", "audio_too_long"


class NotTaken(Exception):
    """`code` and message are what the caller is told."""

    def __init__(self, message: str, code: str = REFUSED) -> None:
        super().__init__(message)
        self.code = code


def main(container: str, most_seconds: str, cpu_seconds: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    pcm = b""
    try:
        pcm = decode(sys.stdin.buffer.read(), container, int(most_seconds))
        told: dict[str, str] = {}
    except NotTaken as error:
        told = {"code": error.code, "message": str(error)}
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError):
        told = {"code": REFUSED, "message": f"The recording is broken. Send {FORMATS}."}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + pcm)


def decode(data: bytes, container: str, most_seconds: int) -> bytes:
    """Raises `NotTaken`; FFmpeg's own errors pass through.

    Reading stops as soon as there is too much, whatever the file says of its length.
    """
    # The empty whitelist of protocols: a file that names another one finds no way to it.
    with av.open(io.BytesIO(data), format=container, options={"protocol_whitelist": ""}) as opened:
        assert isinstance(opened, InputContainer)
        samples = _samples(opened, _stream_choose(opened), most_seconds)
    if len(samples) < LEAST_SECONDS * BYTES_A_SECOND:
        raise NotTaken("The recording is empty. Check the microphone and record it again.")
    return samples


def _stream_choose(opened: InputContainer) -> AudioStream:
    others = [stream for stream in opened.streams if stream.type == "video" and stream.name not in PICTURES]
    if others or len(opened.streams.audio) != 1:
        raise NotTaken("Send a recording of sound alone, with one track.")
    stream = opened.streams.audio[0]
    if stream.codec_context.name not in CODECS:
        raise NotTaken(f"Recordings coded as {stream.codec_context.name[:20]} are not read. Send {FORMATS}.")
    _sound_check(stream.rate or 0, stream.channels)
    return stream


def _sound_check(rate: int, channels: int) -> None:
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise NotTaken(f"The recording has {rate} samples a second; 8,000 to 96,000 are read.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise NotTaken(f"The recording has {channels} channels; one or two are read.")


def _samples(opened: InputContainer, stream: AudioStream, most_seconds: int) -> bytes:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    samples = bytearray()
    for frame in opened.decode(stream):
        _sound_check(frame.sample_rate, frame.layout.nb_channels)  # it may change on the way
        for piece in resampler.resample(frame):
            samples += bytes(piece.planes[0])[: piece.samples * 2]
        if len(samples) > most_seconds * BYTES_A_SECOND:
            raise NotTaken(f"The recording is longer than {most_seconds} seconds. Send a shorter one.", TOO_LONG)
    for piece in resampler.resample(None):
        samples += bytes(piece.planes[0])[: piece.samples * 2]
    return bytes(samples)


if __name__ == "__main__":
    main(*sys.argv[1:])
