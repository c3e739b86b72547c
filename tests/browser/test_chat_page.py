"""What the chat page does with what it is told: the other end of its websocket is the test's own."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import say, screenshot
from tests.browser.scripted import ScriptedServer

pytestmark = pytest.mark.browser


@pytest.fixture
def page(device: BrowserContext) -> Page:
    return device.new_page()


@pytest.fixture
def server(page: Page) -> ScriptedServer:
    server = ScriptedServer(page)
    page.goto("/")
    server.wait_for(page, "resume")
    return server


def test_a_reply_appears_sentence_by_sentence_and_then_as_it_was_stored(page, server):
    status, announcer = page.locator("#status"), page.locator("#announcer")
    server.say(type="status", text="Looking that up…")
    expect(status).to_contain_text("Looking that up…")
    server.say(type="delta", run="qry_1", text="A gift card is valid for five years.")
    expect(status).to_be_hidden()
    server.say(type="delta", run="qry_1", text="It can be renewed once.")
    stream = page.locator(".is-streaming .plain")
    expect(stream).to_have_text("A gift card is valid for five years. It can be renewed once.")
    expect(announcer).to_be_empty()
    screenshot(page, "chat-streaming-light")
    server.say_message(1, "assistant", "For five years.", html="<p>For <strong>five</strong> years.</p>")
    expect(stream).to_have_count(0)
    expect(page.locator(".message.from-assistant .prose")).to_have_text("For five years.")
    expect(announcer).to_have_text("AI assistant: For five years.")


def test_a_source_says_where_it_stands_and_what_stands_around_it(page, server):
    source = {"title": "Our cards", "heading": "Gold card", "quote": "- Annual fee: $0", "version": 1}
    source["context"] = "What it costs\n- Annual fee: $0\n- Late fee: $5"
    server.say_message(1, "assistant", "None [1]", html="<p>None [1]</p>", sources=[source])
    page.locator("button.source").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Our cards")
    expect(panel).to_contain_text("Gold card")
    expect(panel).to_contain_text("Late fee: $5")
    expect(panel.locator("mark")).to_have_text("- Annual fee: $0")
    screenshot(page, "chat-source-light")


def test_screen_readers_hear_words_and_no_marks(page, server):
    html = "<p><strong>Two ways</strong> [1]</p><ul><li>by van</li><li>by post</li></ul>"
    server.say_message(1, "assistant", "**Two ways** [1]\n\n- by van\n- by post", html=html)
    expect(page.locator("#announcer")).to_have_text("AI assistant: Two ways by van by post")


def test_who_has_the_conversation_is_shown_as_it_changes(page, server):
    state, person = page.locator("#state"), page.get_by_role("button", name="Talk to a person")
    server.say(type="conversation", status="with_consultant", status_text="With a consultant")
    expect(state).to_have_text("· With a person")
    expect(person).to_be_disabled()
    server.say(type="conversation", status="open", status_text="Open")
    expect(state).to_be_empty()
    expect(person).to_be_enabled()


def test_a_withdrawn_reply_leaves_an_honest_line(page, server):
    server.say(type="delta", run="qry_1", text="Your balance is")
    server.say(type="retract", run="qry_1")
    expect(page.get_by_text("Your balance is")).to_have_count(0)
    expect(page.get_by_text("I have taken back what I had begun to write.")).to_be_visible()


def test_a_reply_can_be_stopped(page, server):
    server.say(type="delta", run="qry_1", text="A gift card is")
    page.get_by_role("button", name="Stop").click()
    assert server.wait_for(page, "stop")["run"] == "qry_1"
    server.say(type="retract", run="qry_1")
    expect(page.get_by_text("Stopped, as you wished.")).to_be_visible()


def test_a_refused_message_can_be_sent_again_or_edited(page, server):
    say(page, "Hello")
    sent = server.wait_for(page, "message")
    server.say(type="error", code="rate_limited", detail="Wait a moment.", client_id=sent["client_id"])
    expect(page.locator(".message.is-failed")).to_contain_text("Wait a moment.")
    screenshot(page, "chat-refused-light")
    server.heard.clear()
    page.get_by_role("button", name="Try again").click()
    assert server.wait_for(page, "message") == sent, "the same message, not a second one"
    server.say(type="error", code="rate_limited", detail="Wait a moment.", client_id=sent["client_id"])
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Your message")).to_have_value("Hello")
    expect(page.locator(".message")).to_have_count(0)


def test_frames_the_page_does_not_know_are_ignored(page, server):
    server.say(type="weather", text="rain")
    server.say_message(1, "consultant", "Good morning", sources=None, later={"field": 1})
    expect(page.locator(".message.from-consultant")).to_contain_text("Good morning")


def test_what_was_typed_survives_a_reload(page):
    page.goto("/")
    page.get_by_label("Your message").fill("Half a sen")
    page.reload()
    expect(page.get_by_label("Your message")).to_have_value("Half a sen")
