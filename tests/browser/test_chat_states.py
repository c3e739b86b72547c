"""Every state of the chat, light and dark, on a phone and on a desk: without barriers, within its width, and kept as a
picture."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import mail_send, say, screenshot, sign_in
from tests.browser.scripted import ScriptedServer

pytestmark = pytest.mark.browser

SOURCES = [
    {"title": "Gift cards", "heading": "Validity", "quote": "valid for five years", "version": 3},
    {"title": "Paying with a gift card", "heading": "Balance", "quote": "see the balance online", "version": 1},
]
SOURCES[0]["context"] = (
    "Validity\nA gift card is valid for five years from the day it was bought.\nIt can be renewed once."
)
REPLY = "<p>A gift card is valid for <strong>five years</strong> [1]. You can see its balance online [2].</p>"
MAIL = {"id": "outlook", "kind": "email", "title": "Outlook"}


@pytest.fixture
def page(device: BrowserContext) -> Page:
    return device.new_page()


@pytest.fixture
def server(page: Page) -> ScriptedServer:
    server = ScriptedServer(page)
    page.goto("/chat/new/")
    server.wait_for(page, "resume")
    return server


def thread_begin(server: ScriptedServer) -> None:
    """A mail of the day before, its answer, and a question of today with its answer."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    mail = {"channel": MAIL, "at": yesterday}
    text = "Hello,\n\nhow long is a gift card valid?\n\nBest regards\nKim"
    server.say_message(1, "customer", text, subject="A gift for my sister", **mail)
    server.say_message(
        2, "assistant", "Five years.", html="<p>Dear Kim,</p><p>five years.</p>", request_id="qry_1", **mail
    )
    server.say_message(3, "customer", "Can I check the balance online?")
    server.say_message(4, "assistant", "Yes [1]", html=REPLY, sources=SOURCES, request_id="qry_2")


def looked_at(page: Page, name: str, *, widths: tuple[int, ...] = (320, 1280)) -> None:
    """No barriers and nothing cut off, in every combination; each is kept as a picture."""
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 640 if width < 700 else 820})
            screenshot(page, f"state-{name}-{scheme}-{width}")
            found[scheme, width] = barriers(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {key: one for key, one in found.items() if one} == {}


def later(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def test_a_new_conversation(page, server):
    expect(page.get_by_text("I am an AI assistant.")).to_be_visible()
    looked_at(page, "new")


def test_a_thread_with_mails_and_sources(page, server):
    thread_begin(server)
    expect(page.locator(".day")).to_have_text(["Yesterday", "Today"])
    expect(page.locator("button.source")).to_have_count(2)
    looked_at(page, "thread")


def test_a_source(page, server):
    thread_begin(server)
    page.locator("button.source").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_have_text("valid for five years")
    looked_at(page, "source")


def test_an_answer_that_is_being_written(page, server):
    thread_begin(server)
    server.say(type="delta", run="qry_3", text="It can be **renewed** once.", part=1)
    server.say(type="delta", run="qry_3", text="After that it ends.", part=3)
    expect(page.locator(".is-streaming .plain")).to_have_text("It can be renewed once. … After that it ends.")
    looked_at(page, "streaming")


def test_an_answer_that_is_looked_for(page, server):
    thread_begin(server)
    server.say(type="conversation", status="open", is_pending=True)
    expect(page.locator("#status")).to_be_visible()
    looked_at(page, "pending")


def test_withdrawn_and_stopped(page, server):
    thread_begin(server)
    server.say(type="delta", run="a", text="Your balance is", part=1)
    server.say(type="retract", run="a")
    server.say(type="delta", run="b", text="A gift", part=1)
    page.get_by_role("button", name="Stop").click()
    server.say(type="retract", run="b")
    expect(page.get_by_text("I have taken back what I had begun to write.")).to_be_visible()
    looked_at(page, "withdrawn-and-stopped")
    page.get_by_role("button", name="Ask again", exact=True).click()
    assert server.wait_for(page, "message")["text"] == "Can I check the balance online?"


def test_waiting_for_a_person(page, server):
    thread_begin(server)
    server.say_message(
        5, "system", "Thank you. One of our colleagues will answer you here.\n\nYour reference is CQ-7KF3-QM9P."
    )
    server.say(type="conversation", status="with_consultant", joined=False, due_at=later(45))
    expect(page.locator("#panel")).to_contain_text("A person will answer you here")
    expect(page.locator("#panel")).to_contain_text("at the latest")
    looked_at(page, "waiting")


def test_a_person_has_joined(page, server):
    thread_begin(server)
    server.say(type="conversation", status="with_consultant", joined=True, due_at=later(45))
    server.say_message(5, "consultant", "Good morning, Ama here.", html="<p>Good morning, Ama here.</p>")
    expect(page.locator("#panel")).to_contain_text("A person has joined")
    looked_at(page, "joined")
    server.say(type="conversation", status="open", joined=False, due_at=None)
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("The AI assistant answers again.")


def test_solved_and_rated(page, server):
    rated = []
    page.route(
        "**/api/v1/feedback", lambda route: (rated.append(route.request.post_data_json), route.fulfill(json={}))[1]
    )
    thread_begin(server)
    server.say(type="conversation", status="resolved")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Did we help you?")
    looked_at(page, "solved")
    panel.get_by_role("button", name="No").click()
    panel.get_by_role("button", name="Something is missing").click()
    expect(panel.locator(".rated")).to_have_text("Thank you for telling us.")
    assert rated[-1] == {"request_id": "qry_2", "feedback": "not_helpful", "reason": "incomplete"}
    looked_at(page, "solved-rated")


def test_thumbs(page, server):
    rated = []
    page.route(
        "**/api/v1/feedback", lambda route: (rated.append(route.request.post_data_json), route.fulfill(json={}))[1]
    )
    thread_begin(server)
    answer = page.locator("#message-4")
    answer.get_by_role("button", name="Not helpful").click()
    expect(answer.get_by_text("What was wrong?")).to_be_visible()
    looked_at(page, "thumbs")
    answer.get_by_role("button", name="Not correct").click()
    expect(answer.locator("[data-reason=wrong]")).to_have_attribute("aria-pressed", "true")
    answer.get_by_role("button", name="Helpful", exact=True).click()
    expect(answer.get_by_text("What was wrong?")).to_have_count(0)
    assert [one["feedback"] for one in rated] == ["not_helpful", "not_helpful", "helpful"]


def test_a_refused_message(page, server):
    thread_begin(server)
    say(page, "And how do I renew it?")
    sent = server.wait_for(page, "message")
    server.say(type="error", code="rate_limited", detail="Wait a moment.", client_id=sent["client_id"])
    expect(page.locator(".message.is-failed")).to_contain_text("Wait a moment.")
    looked_at(page, "refused")


def test_offline(page, server, device):
    thread_begin(server)
    device.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    server._socket.close()
    expect(page.locator("#banner")).to_be_visible()
    say(page, "And how do I renew it?")
    expect(page.locator(".is-sending")).to_contain_text("Will be sent")
    looked_at(page, "offline")


def test_what_can_be_done(page, server):
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("link", name="Delete my data")).to_be_visible()
    looked_at(page, "more")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 320, "height": 640})
    page.get_by_role("button", name="Your conversations").click()
    expect(page.get_by_role("link", name="New conversation")).to_be_visible()
    looked_at(page, "conversations", widths=(320,))


class ScriptedRecogniser:
    """The other end of ``/ws/voice``."""

    def __init__(self, page: Page) -> None:
        self.heard, self.bytes = [], 0
        page.route_web_socket("**/ws/voice", self._connect)

    def _connect(self, socket) -> None:
        self._socket = socket
        socket.on_message(self._on_message)

    def _on_message(self, message) -> None:
        if isinstance(message, bytes):
            self.bytes += len(message)
            return
        self.heard.append(json.loads(message)["type"])
        if self.heard[-1] == "start":
            self.say(type="ready", max_seconds=60)

    def say(self, **frame) -> None:
        self._socket.send(json.dumps(frame))


def microphone(page: Page, script: str) -> None:
    page.evaluate(f"void (navigator.mediaDevices.getUserMedia = async () => {{ {script} }})")


TONE = """const audio = new AudioContext(); const tone = audio.createOscillator();
    const out = audio.createMediaStreamDestination(); tone.connect(out); tone.start(); return out.stream;"""


def test_speaking(page, server):
    recogniser = ScriptedRecogniser(page)
    microphone(page, TONE)
    page.get_by_role("button", name="Speak instead of typing").click()
    expect(page.locator("#voice")).to_contain_text("Listening…")
    recogniser.say(type="partial", text="how long is a gift")
    expect(page.locator("#voice .partial")).to_have_text("how long is a gift")
    for _ in range(60):
        if recogniser.bytes > 6400:
            break
        page.wait_for_timeout(50)
    assert recogniser.bytes > 6400, "a fifth of a second at 16 kHz and 16 bit"
    looked_at(page, "voice-listening")
    page.get_by_role("button", name="Done").click()
    text = "how long is a gift guard valid"
    doubtful = [{"start_char": 19, "end_char": 24}]
    recogniser.say(
        type="transcript", transcription_id="trn_1", text=text, doubtful=doubtful, model_used="local-pocketsphinx"
    )
    field = page.get_by_label("Your message")
    expect(field).to_have_value(text)
    expect(field).to_be_focused()
    expect(page.locator("#spoken")).to_contain_text("Please check: guard")
    expect(page.locator("#spoken")).to_contain_text("built-in recogniser, English")
    looked_at(page, "voice-transcript")
    page.get_by_role("button", name="guard").click()
    assert page.evaluate("getSelection().toString()") == "guard"
    assert not [frame for frame in server.heard if frame["type"] == "message"], "nothing is sent by itself"
    page.keyboard.type("card")
    page.keyboard.press("Enter")
    sent = server.wait_for(page, "message")
    assert (sent["text"], sent["transcription_ids"]) == ("how long is a gift card valid", ["trn_1"])
    expect(page.locator("#spoken")).to_be_hidden()


def speak(page: Page, recogniser: "ScriptedRecogniser", number: int, text: str, doubtful: str) -> None:
    microphone(page, TONE)
    page.get_by_role("button", name="Speak instead of typing").click()
    expect(page.locator("#voice")).to_contain_text("Listening…")
    start = text.index(doubtful)
    spans = [{"start_char": start, "end_char": start + len(doubtful)}]
    recogniser.say(type="transcript", transcription_id=f"trn_{number}", text=text, doubtful=spans, model_used="x")


def test_who_speaks_twice_or_loads_again_before_sending_sends_what_was_doubtful_in_all_of_it(page, server):
    recogniser = ScriptedRecogniser(page)
    speak(page, recogniser, 1, "how long is a gift guard valid", "guard")
    field = page.get_by_label("Your message")
    expect(field).to_have_value("how long is a gift guard valid")
    speak(page, recogniser, 2, "and can I new it", "new")
    expect(field).to_have_value("how long is a gift guard valid and can I new it")
    expect(page.locator("#spoken .doubts")).to_have_count(2)
    page.get_by_role("button", name="guard").click()
    assert page.evaluate("getSelection().toString()") == "guard"
    page.reload()
    expect(field).to_have_value("how long is a gift guard valid and can I new it")
    server.heard.clear()
    field.press("Enter")
    sent = server.wait_for(page, "message")
    assert sent["transcription_ids"] == ["trn_1", "trn_2"]
    field.fill("And typed?")
    server.heard.clear()
    field.press("Enter")
    assert "transcription_ids" not in server.wait_for(page, "message")


def test_a_recording_is_sent_in_the_language_of_the_page(chromium, running_system):
    context = chromium.new_context(base_url=running_system.base_url, locale="de-DE")
    page, sent = context.new_page(), []
    ScriptedServer(page)
    page.route("**/chat/voice/", lambda route: (sent.append(route.request.post_data_buffer), route.abort()))
    page.goto("/chat/new/")
    with page.expect_file_chooser() as choosing:
        page.locator("[popovertarget=more]").click()
        page.locator("#upload").click()
    choosing.value.set_files([{"name": "a.wav", "mimeType": "audio/wav", "buffer": b"RIFF"}])
    expect(page.get_by_role("alert")).to_be_visible()
    assert b'name="language"\r\n\r\nde\r\n' in sent[0]
    context.close()


def test_cancelled(page, server):
    recogniser = ScriptedRecogniser(page)
    microphone(page, TONE)
    page.get_by_role("button", name="Speak instead of typing").click()
    expect(page.locator("#voice")).to_contain_text("Listening…")
    page.keyboard.press("Escape")
    expect(page.locator("#voice")).to_be_hidden()
    expect(page.get_by_role("button", name="Speak instead of typing")).to_be_focused()
    page.wait_for_timeout(100)
    assert recogniser.heard == ["start", "cancel"]


@pytest.mark.parametrize(
    ("error", "said"), [("NotAllowedError", "does not let this page"), ("NotFoundError", "No microphone")]
)
def test_no_microphone(page, server, error, said):
    microphone(page, f"throw new DOMException('no', '{error}')")
    page.get_by_role("button", name="Speak instead of typing").click()
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("button", name="Upload a recording")).to_be_focused()
    expect(page.get_by_label("Your message")).to_be_visible()
    looked_at(page, f"voice-{error.lower()}")


def test_a_long_thread_is_shown_in_parts(page, server):
    for seq in range(1, 231):
        server.say_message(seq, "customer" if seq % 2 else "assistant", f"Message {seq}")
    expect(page.locator("#message-230")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Show earlier messages")).to_be_attached()
    assert page.locator(".message").count() <= 200


# --- Pages ---


def test_the_sign_in_pages(page, running_system, complaints):
    page.goto("/chat/sign-in/")
    looked_at(page, "sign-in")
    page.get_by_label("E-mail address").fill("states@example.com")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Six-digit code").fill("1")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    looked_at(page, "code-refused")
    complaints[:] = [one for one in complaints if "400" not in one]  # the form that came back


def test_the_deletion_pages(page, running_system, api, complaints):
    mail_send(api, "leaver@example.com", "A gift", "How long is a gift card valid?")
    sign_in(page, running_system, "leaver@example.com")
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#panel")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Delete my data").click()
    expect(page.get_by_text("still open")).to_be_visible()
    looked_at(page, "erase")
    page.get_by_role("button", name="Delete my data now").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box")
    page.get_by_label("I understand").check()
    page.get_by_role("button", name="Delete my data now").click()
    expect(page.get_by_role("heading", name="Your data is deleted")).to_be_visible()
    looked_at(page, "erased")
    page.goto("/chat/")
    expect(page.locator(".message")).to_have_count(0)
    complaints[:] = [one for one in complaints if "400" not in one]  # the form that came back


def test_an_address_that_is_nothing(page, complaints):
    page.goto("/chat/cnv_01k8z3c9v7e2m4n6p8r0t2w4y6/")
    expect(page.get_by_role("heading", name="We cannot show you this conversation")).to_be_visible()
    looked_at(page, "not-yours")
    complaints.clear()  # the browser's own line about the 404


# --- Languages ---


@pytest.mark.parametrize(
    ("language", "direction", "about"), [("de-AT", "ltr", "Ich bin ein KI-Assistent."), ("ar", "rtl", "أنا مساعد")]
)
def test_other_languages(chromium, running_system, complaints, language, direction, about):
    context = chromium.new_context(base_url=running_system.base_url, locale=language)
    context.on("page", complaints.watch)
    page = context.new_page()
    server = ScriptedServer(page)
    page.goto("/chat/new/")
    server.wait_for(page, "resume")
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.locator(".about")).to_contain_text(about)
    looked_at(page, f"new-{language}")
    thread_begin(server)
    server.say(type="conversation", status="with_consultant", joined=False, due_at=later(45))
    expect(page.locator("button.source")).to_have_count(2)
    looked_at(page, f"thread-{language}")
    page.locator("button.source").first.click()
    looked_at(page, f"source-{language}")
    page.goto("/chat/sign-in/")
    looked_at(page, f"sign-in-{language}")
    page.goto("/chat/delete-my-data/")
    looked_at(page, f"erase-{language}")
    context.close()
    assert complaints == []


def test_the_reader_may_choose_another_language(page):
    page.goto("/chat/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("button", name="Mit einem Menschen sprechen")).to_be_visible()


def test_less_motion_is_less_motion(page, server):
    page.emulate_media(reduced_motion="reduce")
    server.say(type="delta", run="qry_1", text="A gift card", part=1)
    blink = page.locator(".is-streaming .plain").evaluate("one => getComputedStyle(one, '::after').animationName")
    assert blink == "none"
