"""The doors of the chat: a page that speaks, a file that is sent, and the message that comes of it."""

import asyncio
import json
import os

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conversations.chat.session import VISITOR_KEY
from conversations.models import Message, Transcription
from conversations.speech import consumers, doors, live
from conversations.speech.selectors import heard_get
from conversations.speech.types import pcm_pieces
from omnicqm.common.models import Attempt
from tests.conversations.chat.conftest import session_make
from tests.conversations.speech.conftest import tone, wav
from tests.simulators.transcribe import Said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_connections")]


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch):
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)


@pytest.fixture
def heard(streams):
    streams.said = [Said.of("what does room delivery cost ?", room=0.41)]
    return streams


async def speak(page, seconds=2.0):
    for piece in pcm_pieces(tone(seconds)):
        await page.send_raw(binary=piece)


async def transcript(page, seconds=2.0):
    """The transcript of a whole recording."""
    await page.send(type="start")
    await speak(page, seconds)
    await page.send(type="end")
    return (await page.heard_until("transcript", timeout=20))[-1]


async def test_a_page_speaks_and_reads_what_was_heard(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        await page.send(type="start")
        assert await page.heard() == {"type": "ready", "max_seconds": 60, "partials": True}
        await speak(page)
        await page.send(type="end")
        frames = await page.heard_until("transcript", timeout=20)
    assert {frame["type"] for frame in frames} == {"partial", "transcribing", "transcript"}
    told = frames[-1]
    assert (told["text"], told["doubtful"]) == ("what does room delivery cost?", [{"start_char": 10, "end_char": 14}])
    assert (told["duration_s"], told["language"], told["model_used"]) == (2.0, "en-US", "transcribe-streaming")
    row = await Transcription.objects.aget(pk=told["transcription_id"])
    assert (row.source, row.visitor) == ("live", visitor[VISITOR_KEY])
    assert not await Message.objects.aexists()  # nothing is sent by itself
    assert (await Attempt.objects.aget()).scope == "channel:chat"


async def test_what_was_heard_is_sent_as_an_ordinary_message(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        told = await transcript(page)
    sent = {"type": "message", "text": "what does a room delivery cost?", "transcription_id": told["transcription_id"]}
    async with open_voice(visitor, "/ws/chat") as chat:
        await chat.send(**sent, client_id="a1")
        await chat.heard_until("accepted")
        message = await chat.heard()
        assert (message["type"], message["spoken"], message["text"]) == ("message", True, sent["text"])
        await chat.send(**sent, client_id="a1")  # again, as after a lost connection
        await chat.heard_until("accepted")
        await chat.send(**sent, client_id="a2")
        refused = (await chat.heard_until("error"))[-1]
    assert (refused["code"], refused["client_id"]) == ("transcription_used", "a2")
    assert await Message.objects.acount() == 1


async def test_who_spoke_twice_before_sending_is_minded_for_both(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        told = [await transcript(page, 1.0), await transcript(page, 1.0)]
    ids = [one["transcription_id"] for one in told]
    text = " ".join(one["text"] for one in told)
    async with open_voice(visitor, "/ws/chat") as chat:
        await chat.send(type="message", client_id="a1", text=text, transcription_ids=ids)
        await chat.heard_until("accepted")
    message = await Message.objects.aget()
    assert {row.pk async for row in Transcription.objects.filter(message=message)} == set(ids)
    assert (await sync_to_async(heard_get)([message])).unsure == ("room",)


async def test_another_browsers_recording_is_not_there(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        told = await transcript(page)
    other = await sync_to_async(session_make)()
    async with open_voice(other, "/ws/chat") as chat:
        for transcription_id in (told["transcription_id"], "trn_01k8z3c9v7e2m4n6p8r0t2w4y6"):
            await chat.send(type="message", client_id="a1", text="x", transcription_id=transcription_id)
            refused = (await chat.heard_until("error"))[-1]
            assert (refused["code"], refused["client_id"]) == ("transcription_not_found", "a1")
        await chat.send(type="message", client_id="a1", text="x", transcription_id="../etc")
        assert (await chat.heard_until("error"))[-1]["code"] == "invalid"
    assert not await Message.objects.aexists()


async def test_one_recording_after_another(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        first, second = await transcript(page, 1.0), await transcript(page, 1.0)
    assert first["transcription_id"] != second["transcription_id"]


async def test_cancelled_is_forgotten(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await speak(page)
        await page.send(type="cancel")
        await page.heard_until("cancelled", timeout=20)
        await speak(page, 0.2)  # still under way: ignored
        assert (await transcript(page, 1.0))["text"]
    assert await Transcription.objects.acount() == 1
    assert await Attempt.objects.filter(outcome="abandoned").acount() == 1


async def test_a_page_that_leaves_is_forgotten(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await page.heard()
        await speak(page)
    assert not await Transcription.objects.aexists()
    assert (await Attempt.objects.aget()).outcome == "abandoned"


async def test_a_minute_is_the_most_whatever_comes(open_voice, visitor, heard, monkeypatch):
    monkeypatch.setattr(live, "_MOST_BYTES", 32_000)
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await speak(page, 3.0)  # and never ends
        told = (await page.heard_until("transcript", timeout=20))[-1]
        assert (told["cut"], told["duration_s"]) == (True, 1.0)
    assert sum(heard.streams[0]["pieces"]) == 32_000


async def test_nothing_coming_in_is_said(open_voice, visitor, heard, monkeypatch):
    monkeypatch.setattr(live, "SILENT_SECONDS", 0.2)
    async with open_voice(visitor) as page:
        await page.send(type="start")
        assert (await page.heard_until("error"))[-1]["code"] == "no_audio"
        assert (await transcript(page, 1.0))["text"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"exception": ("LimitExceededException", 2)}, "speech_busy"),
        ({"exception": ("InternalFailureException", 2)}, "speech_unavailable"),
        ({"cut_after": 2}, "speech_unavailable"),
        ({"refuse": 503}, "speech_unavailable"),
        ({"said": []}, "nothing_heard"),
    ],
)
async def test_every_failure_is_told_and_speaking_goes_on(open_voice, visitor, heard, fault, code):
    for name, value in fault.items():
        setattr(heard, name, value)
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await speak(page)
        await page.send(type="end")
        told = (await page.heard_until("error", timeout=20))[-1]
        assert told["code"] == code
        assert "type" in told["detail"].lower()
        heard.recover()
        heard.said = [Said.of("hello")]
        assert (await transcript(page, 1.0))["text"] == "hello"
    assert await Transcription.objects.acount() == 1


async def test_a_bug_is_no_traceback_for_the_page(open_voice, visitor, heard, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(consumers, "_keep", broken)
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await speak(page)
        await page.send(type="end")
        told = (await page.heard_until("error", timeout=20))[-1]
    assert (told["code"], "secret" in json.dumps(told)) == ("speech_unavailable", False)


async def test_without_a_session_nobody_speaks(open_voice, heard):
    async with open_voice({}) as page:
        assert (await page.heard())["code"] == "not_authenticated"
        assert await page.closed() == 4401


@pytest.mark.parametrize(
    ("text", "binary"),
    [
        ("", None),
        ("nonsense", None),
        ("[]", None),
        ("{}", None),
        ('{"type": "begin"}', None),
        ('{"type": ["start"]}', None),
        ('{"type": "start", "language": 7}', None),
        ('{"type": "start", "language": "xx-XX"}', None),
        ('{"type": "end"}', None),
        ("[" * 2000, None),
        (None, b"\x00"),
        (None, bytes(32_002)),
    ],
)
async def test_a_malformed_frame_is_an_error_and_speaking_goes_on(open_voice, visitor, heard, text, binary):
    async with open_voice(visitor) as page:
        await page.send_raw(text, binary)
        told = await page.heard()
        assert (told["type"], bool(told["detail"])) == ("error", True)
        assert (await transcript(page, 1.0))["text"]


async def test_too_much_of_it_is_hung_up_on(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        await page.send_raw("x" * 5000)
        assert await page.closed() == 4413
    async with open_voice(visitor) as page:
        for _ in range(40):
            await page.send_raw("{}")
        assert await page.closed() == 4429
    async with open_voice(visitor) as page:
        for _ in range(2000):
            await page.send_raw(binary=os.urandom(2))
        assert await page.closed() == 4413


async def test_starting_twice_is_an_error(open_voice, visitor, heard):
    async with open_voice(visitor) as page:
        await page.send(type="start")
        await page.send(type="start")
        assert (await page.heard_until("error"))[-1]["code"] == "invalid"


async def test_only_so_many_are_heard_at_once(open_voice, visitor, heard, settings):
    settings.SPEECH_AT_ONCE = 0
    async with open_voice(visitor) as page:
        await page.send(type="start")
        assert (await page.heard_until("error"))[-1]["code"] == "speech_busy"


async def test_only_so_many_a_minute(open_voice, visitor, heard, monkeypatch):
    monkeypatch.setattr(doors, "RECORDINGS_PER_MINUTE", 2)
    async with open_voice(visitor) as page:
        for _ in range(2):
            await page.send(type="start")
            await page.send(type="cancel")
            await page.heard_until("cancelled")
        await page.send(type="start")
        assert (await page.heard_until("error"))[-1]["code"] == "rate_limited"


async def test_one_browser_has_two_recordings_under_way_at_most(open_voice, visitor, heard):
    async with open_voice(visitor) as one, open_voice(visitor) as two, open_voice(visitor) as three:
        for page in (one, two):
            await page.send(type="start")
            await page.heard()
            await speak(page, 0.2)
        await asyncio.sleep(0.1)
        await three.send(type="start")
        assert (await three.heard_until("error"))[-1]["code"] == "rate_limited"


# --- A recorded file -------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(client):
    client.get(reverse("chat:chat"))
    return client


def upload(client, recording, **fields):
    return client.post(reverse("chat:voice"), {"audio": SimpleUploadedFile("a.wav", recording), **fields})


def test_a_recorded_file_becomes_text(browser, heard):
    answer = upload(browser, wav(tone()))
    assert answer.status_code == 200, answer.content
    row = Transcription.objects.get(pk=answer.json()["transcription_id"])
    assert (row.source, row.visitor) == ("upload", browser.session[VISITOR_KEY])
    assert answer.json()["text"] == "what does room delivery cost?"


@pytest.mark.parametrize(
    ("recording", "fields", "status", "code"),
    [
        (b"no recording", {}, 400, "audio_refused"),
        (wav(tone(61)), {}, 400, "audio_too_long"),
        (wav(tone()), {"language": "fr"}, 400, "language_unsupported"),
    ],
)
def test_what_is_no_recording_is_a_problem_document(browser, heard, recording, fields, status, code):
    answer = upload(browser, recording, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_file_needs_the_session_the_field_and_the_token(browser, heard):
    assert upload(Client(), wav(tone())).status_code == 401
    assert browser.post(reverse("chat:voice")).json()["code"] == "required"
    assert browser.get(reverse("chat:voice")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.get(reverse("chat:chat"))
    assert upload(strict, wav(tone())).status_code == 403


def test_files_are_counted_too(browser, heard):
    codes = [upload(browser, b"no recording").json()["code"] for _ in range(13)]
    assert codes[-1] == "rate_limited"
