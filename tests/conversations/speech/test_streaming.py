"""Amazon Transcribe live, through our own client against the simulator: the good way, and every bad one."""

import asyncio
from decimal import Decimal

import pytest

from conversations.speech.errors import LanguageUnsupported, NothingHeard, SpeechBusy, SpeechUnavailable
from conversations.speech.listening import speech_hear
from conversations.speech.provider import speech_get
from conversations.speech.providers.transcribe import streaming
from conversations.speech.types import pcm_pieces
from omnicqm.common.backends import backend_get
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.models import Attempt
from tests.conversations.speech.conftest import tone
from tests.simulators.transcribe import Said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_connections")]


async def spoken(seconds=3.0, pause=0.0):
    for piece in pcm_pieces(tone(seconds)):
        yield piece
        await asyncio.sleep(pause)


async def hear(audio=None, language="", on_partial=None):
    return await speech_hear(audio=audio or spoken(), language=language, scope="channel:chat", on_partial=on_partial)


async def ledger():
    return await Attempt.objects.aget(purpose="transcribe")


async def test_what_is_said_comes_back_with_confidence_and_is_paid_for(streams):
    streams.said = [Said.of("what does room delivery cost ?", room=0.41)]
    heard = await hear()
    assert heard.text == "what does room delivery cost?"
    assert [word.text for word in heard.words] == ["what", "does", "room", "delivery", "cost"]
    assert (heard.words[2].confidence, heard.confidence) == (0.41, pytest.approx(0.874))
    assert (heard.language, heard.duration_s, heard.model_used) == ("en-US", 3.0, "transcribe-streaming")
    [stream] = streams.streams
    assert stream["ended"]
    assert stream["pieces"] == [3200] * 30
    assert stream["query"]["language-code"] == "en-US"
    attempt = await ledger()
    assert (attempt.outcome, attempt.model, attempt.scope) == ("ok", "transcribe-streaming", "channel:chat")
    assert attempt.cost_usd == Decimal("0.024") * 15 / 60  # 15 seconds are billed at least


async def test_partial_text_comes_while_somebody_speaks_and_finals_replace_it(streams):
    streams.said = [Said.of("how long is"), Said.of("delivery naïvely 4711")]
    told = []

    async def on_partial(text):
        told.append(text)

    heard = await hear(on_partial=on_partial)
    assert heard.text == "how long is delivery naïvely 4711"
    assert told[:3] == ["how", "how long", "how long is"]
    assert told[-1] == heard.text


async def test_fillers_are_left_out_and_their_marks_stay(streams):
    streams.said = [Said.of("um , I lost my card .")]
    assert (await hear()).text == "I lost my card."


async def test_several_languages_are_told_apart_by_the_service(streams, settings):
    settings.SPEECH_PROVIDERS = {
        "transcribe": settings.SPEECH_PROVIDERS["transcribe"]
        | {"OPTIONS": {"languages": ("en-US", "de-DE"), "bucket": "voice"}}
    }
    await hear()
    query = streams.streams[0]["query"]
    assert (query["identify-language"], query["language-options"]) == ("true", "en-US,de-DE")
    await hear(language="de")
    assert streams.streams[1]["query"]["language-code"] == "de-DE"
    with pytest.raises(LanguageUnsupported, match="en-US, de-DE"):
        await hear(language="fr")


async def test_silence_holds_no_words(streams):
    streams.said = []
    with pytest.raises(NothingHeard):
        await hear()
    assert (await ledger()).outcome == "ok"  # it was heard, and is paid


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("LimitExceededException", SpeechBusy, "speech_busy"),
        ("BadRequestException", SpeechUnavailable, "BadRequestException"),
        ("InternalFailureException", SpeechUnavailable, "InternalFailureException"),
        ("ServiceUnavailableException", SpeechUnavailable, "ServiceUnavailableException"),
    ],
)
async def test_an_exception_of_the_service_ends_it_honestly(streams, name, error, code):
    streams.exception = (name, 3)
    with pytest.raises(error) as failed:
        await hear(spoken(pause=0.01))
    assert "Words of the service" not in failed.value.message
    attempt = await ledger()
    assert (attempt.outcome, attempt.error_code) == ("error", code)


async def test_a_connection_that_is_cut_off_ends_it(streams):
    streams.cut_after = 5
    with pytest.raises(SpeechUnavailable):
        await hear(spoken(pause=0.01))
    assert (await ledger()).error_code in ("cut_off", "closed_early")


async def test_a_service_that_never_finishes_is_left(streams, monkeypatch):
    monkeypatch.setattr(streaming, "FINAL_SECONDS", 0.2)
    streams.silent = True
    with pytest.raises(SpeechUnavailable) as failed:
        await hear()
    assert failed.value.reason == "no_final"


async def test_a_slow_service_is_waited_for(streams):
    streams.slow = 0.05
    assert (await hear(spoken(1.0))).text == "hello"


async def test_garbage_is_no_result(streams):
    streams.garbage = True
    with pytest.raises(SpeechUnavailable) as failed:
        await hear(spoken(pause=0.01))
    assert failed.value.reason == "garbled"


@pytest.mark.parametrize(("status", "error"), [(429, SpeechBusy), (403, SpeechUnavailable), (503, SpeechUnavailable)])
async def test_a_refused_handshake_is_told_honestly(streams, status, error):
    streams.refuse = status
    with pytest.raises(error):
        await hear()


async def test_a_wrong_signature_is_refused_by_the_service(streams, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(SpeechUnavailable) as failed:
        await hear()
    assert failed.value.reason == "http_403"
    assert streams.problems == ["the signature itself"]
    streams.problems.clear()


async def test_nobody_there_is_unavailable(streams, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING", "http://127.0.0.1:9")
    with pytest.raises(SpeechUnavailable):
        await hear()
    assert (await ledger()).error_code.startswith("connect:")


async def test_who_stops_listening_is_noted_as_abandoned(streams):
    task = asyncio.create_task(hear(spoken(30, pause=0.05)))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await ledger()).outcome == "abandoned"


def test_without_a_bucket_the_setting_is_named(settings):
    backend = "conversations.speech.providers.transcribe.provider.TranscribeSpeech"
    settings.SPEECH_PROVIDERS = {"transcribe": {"BACKEND": backend, "OPTIONS": {"languages": ["en-US"], "bucket": ""}}}
    with pytest.raises(ConfigurationError, match="OMNICQM_TRANSCRIBE_BUCKET"):
        backend_get("SPEECH_PROVIDERS", "transcribe")


def test_long_audio_costs_by_the_second(streams):
    provider = speech_get()
    assert provider.cost_usd(59.2) == Decimal("0.024")
    assert provider.cost_usd(2) == Decimal("0.006")
