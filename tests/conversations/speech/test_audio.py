"""Recordings of every kind become samples; whatever is no recording is refused, in a process of its own."""

import io
import zipfile

import av
import numpy as np
import pytest

from conversations.speech.audio import decoding
from conversations.speech.audio.decoding import audio_decode
from conversations.speech.audio.kinds import is_recording
from conversations.speech.errors import AudioRefused, AudioTooLarge, AudioTooLong, SpeechBusy
from conversations.speech.types import RATE, pcm_seconds
from tests.conversations.speech.conftest import coded, tone, wav


def decode(data, *, most_seconds=60, most_bytes=2**24):
    return audio_decode(data, most_seconds=most_seconds, most_bytes=most_bytes)


def loudest_tone(pcm):
    """The strongest frequency in it."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples)


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("webm", "libopus"),
        ("ogg", "libopus"),
        ("mp4", "aac"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("wav", "pcm_s16le"),
        ("wav", "pcm_s24le"),
    ],
)
def test_every_kind_of_recording_is_heard_as_it_was(container, codec):
    pcm = decode(coded(tone(2.0), container, codec))
    assert pcm_seconds(len(pcm)) == pytest.approx(2.0, abs=0.12)
    assert loudest_tone(pcm) == pytest.approx(220, abs=2)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (96_000, 2)])
def test_rates_and_channels_become_one(rate, channels):
    pcm = decode(wav(tone(1.0, rate, channels), rate, channels))
    assert pcm_seconds(len(pcm)) == pytest.approx(1.0, abs=0.02)
    assert loudest_tone(pcm) == pytest.approx(220, abs=2)


@pytest.mark.parametrize(
    ("rate", "channels", "told"), [(4_000, 1, "samples"), (192_000, 1, "samples"), (16_000, 6, "channels")]
)
def test_other_rates_and_more_channels_are_refused(rate, channels, told):
    with pytest.raises(AudioRefused, match=told):
        decode(wav(tone(0.5, rate, channels), rate, channels))


PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/secret.wav\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"
SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n"


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("voice.wav", b"RIFF")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"R", PLAYLIST, CONCAT, SDP, archive(), b"<?xml version='1.0'?><MPD/>", b"%PDF-1.7", b"MZ" * 40),
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"RIFF\x24\x00\x00\x00AVI LIST",
        b"RIFF\xff\xff\xff\xffWAVE" + PLAYLIST,
        b"ID3" + PLAYLIST * 20,
        b"OggS" + CONCAT * 20,
        b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 8,
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00" + PLAYLIST,
    ],
)
def test_what_is_no_recording_is_refused(data):
    with pytest.raises(AudioRefused) as refused:
        decode(data)
    assert refused.value.param == "audio"


def test_a_recording_cut_in_the_middle_is_heard_as_far_as_it_goes_or_refused():
    whole = coded(tone(3.0), "ogg", "libopus")
    assert 0.5 < pcm_seconds(len(decode(whole[: len(whole) // 2]))) < 3


def test_a_film_is_no_recording():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    with pytest.raises(AudioRefused, match="sound alone"):
        decode(file.getvalue())


def test_a_file_that_leads_elsewhere_is_not_followed(tmp_path):
    """An MP4 whose samples lie in another file: the reference is not opened, so there is nothing to hear."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(tone(1.0)))
    whole = coded(tone(1.0), "mp4", "aac")
    at = whole.find(b"url ")
    assert at > 0
    flags = whole[at + 4 : at + 8]
    assert flags == b"\x00\x00\x00\x01"  # "the samples are in this very file"
    elsewhere = whole[: at + 4] + b"\x00\x00\x00\x00" + whole[at + 8 :]
    try:
        pcm = decode(elsewhere)
    except AudioRefused:
        return
    assert loudest_tone(pcm) == pytest.approx(220, abs=2)  # its own, never the other


def test_too_long_is_found_while_reading():
    with pytest.raises(AudioTooLong, match="longer than 2 seconds"):
        decode(wav(tone(2.5)), most_seconds=2)


def test_hours_of_silence_in_a_few_kilobytes_end_at_the_limit():
    hours = coded(bytes(RATE * 2 * 1800), "ogg", "libopus")
    assert len(hours) < 2_000_000
    with pytest.raises(AudioTooLong):
        decode(hours)


def test_too_large_is_refused_unread():
    with pytest.raises(AudioTooLarge, match="larger than 1 MB"):
        decode(bytes(2**20 + 1), most_bytes=2**20)


def test_an_empty_recording_is_refused():
    with pytest.raises(AudioRefused, match="empty"):
        decode(wav(b""))


def test_a_decoder_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(decoding, "SECONDS", 0.01)
    with pytest.raises(AudioRefused, match="too long to read"):
        decode(wav(tone(1.0)))


def test_a_decoder_that_dies_is_a_broken_recording(monkeypatch):
    monkeypatch.setattr(decoding, "_CHILD", "this.is.no.module")
    with pytest.raises(AudioRefused, match="broken"):
        decode(wav(tone(1.0)))


def test_only_so_many_are_decoded_at_once(monkeypatch):
    monkeypatch.setattr(decoding, "WAIT_SECONDS", 0.01)
    for _ in range(decoding.AT_ONCE):
        decoding._places.acquire()
    try:
        with pytest.raises(SpeechBusy):
            decode(wav(tone(1.0)))
    finally:
        decoding._places.release(decoding.AT_ONCE)
    assert decode(wav(tone(1.0)))


@pytest.mark.parametrize(
    ("name", "content_type", "is_one"),
    [
        ("note.ogg", "audio/ogg; codecs=opus", True),
        ("x", "audio/webm", True),
        ("note.m4a", "application/octet-stream", True),
        ("film.mp4", "video/mp4", False),
        ("bill.pdf", "application/octet-stream", False),
        ("note.ogg", "application/pdf", False),
    ],
)
def test_what_counts_as_a_recording_among_attachments(name, content_type, is_one):
    assert is_recording(name=name, content_type=content_type) is is_one
