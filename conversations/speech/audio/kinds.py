"""What a recording may be. The first bytes decide, never a name or a declared type."""

FORMATS = "WebM, MP4/M4A, Ogg, FLAC, MP3 or WAV"

# Only these containers are ever opened, each by its own name: a library that guesses would also open playlists, which
# lead to other files and addresses.
_MARKS = (
    ("ogg", 0, b"OggS"),
    ("flac", 0, b"fLaC"),
    ("matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("mov", 4, b"ftyp"),
    ("mp3", 0, b"ID3"),
)
CODECS = frozenset(
    {"opus", "vorbis", "aac", "flac", "mp3", "mp3float", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"}
)
PICTURES = frozenset({"mjpeg", "png"})  # the cover of an album

_ENDINGS = (".webm", ".weba", ".m4a", ".ogg", ".oga", ".opus", ".flac", ".mp3", ".wav")
_VAGUE = ("application/octet-stream", "application/ogg")


def container_of(data: bytes) -> str | None:
    """The name FFmpeg has for the container that `data` begins; None for whatever is no recording."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    for name, at, mark in _MARKS:
        if data[at : at + len(mark)] == mark:
            return name
    return "mp3" if _is_mpeg_frame(data) else None


def _is_mpeg_frame(data: bytes) -> bool:
    """Sync bits of MPEG 1 or 2, layer III."""
    return len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2 and data[1] & 0x18 != 0x08


def is_recording(*, name: str, content_type: str) -> bool:
    """Whether an attachment is declared to be somebody speaking."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("audio/") or (kind in _VAGUE and name.lower().endswith(_ENDINGS))
