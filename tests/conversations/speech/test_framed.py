"""Speaking in a widget's frame: below the key's own address, with the frame's session."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.chat.session import VISITOR_KEY
from conversations.models import Transcription
from conversations.widget.session import COOKIE
from conversations.widget.sockets import widget_urlpatterns
from tests.conversations.chat.conftest import Communicator, Page
from tests.conversations.speech.conftest import tone, wav
from tests.conversations.widget.shop import key_make
from tests.simulators.transcribe import Said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_connections")]
OURS = "http://testserver"


@pytest.fixture
def heard(streams):
    streams.said = [Said.of("what does room delivery cost ?")]
    return streams


@pytest.fixture
def frame():
    """The address below which a key's chat lives, and a browser that has opened it there, as strict as real ones."""
    key, _ = key_make()
    address, browser = f"/widget/frame/{key.public_key}", Client(enforce_csrf_checks=True)
    assert browser.get(f"{address}/chat/").status_code == 200
    return address, browser


def visitor_of(browser):
    return SessionStore(browser.cookies[COOKIE].value)[VISITOR_KEY]


async def test_a_framed_page_speaks_and_reads_what_was_heard(frame, heard):
    address, browser = frame
    cookie = f"{COOKIE}={browser.cookies[COOKIE].value}"
    headers = [(b"host", b"testserver"), (b"origin", OURS.encode()), (b"cookie", cookie.encode())]
    application = CookieMiddleware(URLRouter(widget_urlpatterns))
    communicator = Communicator(application, f"{address}/ws/voice", headers=headers)
    communicator.scope["client"] = ["192.0.2.7", 50000]
    assert (await communicator.connect(timeout=5))[0]
    page = Page(communicator)
    await page.send(type="start")
    await page.send_raw(binary=tone(0.5))
    await page.send(type="end")
    told = (await page.heard_until("transcript", timeout=20))[-1]
    await communicator.disconnect()
    row = await Transcription.objects.aget(pk=told["transcription_id"])
    assert row.visitor == await sync_to_async(visitor_of)(browser)


@pytest.mark.parametrize(("origin", "status"), [(OURS, 200), ("https://www.shop.example", 403), (None, 403)])
def test_a_recorded_file_becomes_text_for_the_chat_itself_alone(frame, heard, origin, status):
    address, browser = frame
    headers = {"Origin": origin} if origin else {}
    form = {"audio": SimpleUploadedFile("a.wav", wav(tone()))}
    answer = browser.post(f"{address}/chat/voice/", form, headers=headers)
    assert answer.status_code == status, answer.content
    if status == 200:
        row = Transcription.objects.get(pk=answer.json()["transcription_id"])
        assert (row.source, row.visitor) == ("upload", visitor_of(browser))
    else:
        assert json.loads(answer.content)["code"] == "foreign_origin"
        assert not Transcription.objects.exists()
