import subprocess
import sys
import wave
from contextlib import asynccontextmanager
from io import BytesIO

import av
import boto3
import numpy as np
import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.db import connections

from conversations.chat.routing import websocket_urlpatterns
from conversations.speech.types import RATE
from tests.conversations.chat.conftest import Communicator, Page, session_make
from tests.conversations.people import channel_get
from tests.simulators.fixtures import _lead_to
from tests.simulators.transcribe import JobsSimulator, StreamsSimulator

BUCKET = "voice"


@pytest.fixture
def streams(monkeypatch, settings):
    """Transcribe's streams, simulated and chosen. What the client does wrong fails the test."""
    with StreamsSimulator(region="eu-central-1", secret="simulator").serving() as simulator:
        _transcribe_choose(settings)
        _lead_to(monkeypatch, _environment(AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING=f"http://127.0.0.1:{simulator.port}"))
        yield simulator
        assert simulator.problems == []


@pytest.fixture
def jobs(aws, monkeypatch, settings):
    """Transcribe's jobs, simulated over a simulated S3 with the bucket, and chosen."""

    def s3():
        return boto3.client(
            "s3", endpoint_url=aws.url, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
        )

    s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    with JobsSimulator(s3).serving() as simulator:
        _transcribe_choose(settings)
        _lead_to(monkeypatch, _environment(AWS_ENDPOINT_URL_TRANSCRIBE=simulator.url))
        yield simulator
        assert simulator.failures == []


def _environment(**endpoints):
    return {
        "AWS_ACCESS_KEY_ID": "AKIASIMULATOR",
        "AWS_SECRET_ACCESS_KEY": "simulator",
        "AWS_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **endpoints,
    }


def _transcribe_choose(settings):
    settings.SPEECH = "transcribe"
    backend = "conversations.speech.providers.transcribe.provider.TranscribeSpeech"
    options = {"languages": ("en-US",), "bucket": BUCKET}
    settings.SPEECH_PROVIDERS = {"transcribe": {"BACKEND": backend, "OPTIONS": options}}


def tone(seconds=1.0, rate=RATE, channels=1):
    """A sine as 16-bit samples."""
    wave_ = np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 220 / rate) * 8000
    return np.repeat(wave_.astype("<i2"), channels).tobytes()


def wav(pcm, rate=RATE, channels=1):
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return file.getvalue()


def coded(pcm, container, codec, rate=48_000):
    """`pcm` (16 kHz) as a file of another kind, made by the library's encoders."""
    file = BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(
            format=stream.codec_context.codec.audio_formats[0], layout="mono", rate=rate, frame_size=stream.frame_size
        )
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
async def visitor():
    await sync_to_async(channel_get)("chat")
    return await sync_to_async(session_make)()


@pytest.fixture
def open_voice():
    """``async with open_voice(session) as page``: a page that speaks."""
    application = URLRouter(websocket_urlpatterns)

    @asynccontextmanager
    async def open_(session, path="/ws/voice"):
        communicator = Communicator(application, path)
        communicator.scope["session"] = session
        communicator.scope["client"] = ["192.0.2.7", 50000]
        connected, _ = await communicator.connect(timeout=5)
        assert connected
        yield Page(communicator)
        await communicator.disconnect()

    return open_


@pytest.fixture
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
