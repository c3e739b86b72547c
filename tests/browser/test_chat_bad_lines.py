"""What is on the page in the end equals what is stored, however bad the line was."""

import random
import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import mail_send, say, screenshot, sign_in

pytestmark = pytest.mark.browser

DROPPED = 0.05
QUESTIONS = (
    "How long is a gift card valid?",
    "Can I check the balance of a gift card online?",
    "How long do I have to return an unused item?",
    "What does room delivery cost?",
)


@pytest.fixture
def page(device: BrowserContext) -> Page:
    return device.new_page()


def shown(page: Page) -> list[list]:
    """Number and text of every message on the page, in order."""
    return page.locator("#thread > [data-seq]").evaluate_all(
        """items => items.map(item => [Number(item.dataset.seq),
             item.querySelector(".plain, .prose").textContent.replace(/\\s+/g, "")])"""
    )


def stored(page: Page, api) -> list[int]:
    """The numbers of the messages in the database that the customer may see."""
    conversation = page.locator("#chat").evaluate(
        "room => location.pathname.split('/')[2] || room.dataset.conversation"
    )
    answer = api.get(f"/api/v1/conversations/{conversation}/messages").raise_for_status().json()
    messages = answer["messages"] if isinstance(answer, dict) else answer
    return [message["seq"] for message in messages]


@pytest.mark.parametrize("seed", [7, 20])
def test_five_in_a_hundred_pushes_lost_and_nothing_is_missing(page, api, seed):
    page.clock.install()
    chance = random.Random(seed)
    lost, heard = [], []

    def lossy(socket):
        def pass_on(frame):
            (lost if chance.random() < DROPPED else heard).append(frame)
            if heard and heard[-1] is frame:
                socket.send(frame)

        socket.connect_to_server().on_message(pass_on)

    page.route_web_socket("**/ws/chat*", lossy)
    page.goto("/chat/new/")
    for number, question in enumerate(QUESTIONS, start=1):
        say(page, question)
        settle(page, number)
    assert len(lost) + len(heard) > 15
    before = shown(page)
    assert [seq for seq, _ in before] == stored(page, api)
    page.reload()
    assert shown(page) == before, "what came in pieces and what is stored are the same"


def settle(page: Page, asked: int) -> None:
    """Wait until everything that was asked has its answer; time passes faster than it does."""
    for _ in range(60):
        if page.locator("#thread > [data-seq]").count() >= 2 * asked and not page.locator(".is-sending").count():
            return
        page.wait_for_timeout(500)
        page.clock.fast_forward(4000)
    raise AssertionError(f"no answer on the page: {page.locator('#thread').inner_text()}")


def test_a_reload_in_the_middle_of_a_reply_loses_nothing(page, api):
    """The reload comes as soon as the first piece of the reply is there."""
    page.goto("/chat/new/")
    say(page, QUESTIONS[0])
    expect(page.locator(".is-streaming, .from-assistant[data-seq]").first).to_be_attached(timeout=30_000)
    expect(page).to_have_url(re.compile("cnv_"))
    page.reload()
    expect(page.locator(".from-assistant[data-seq]")).to_have_count(1, timeout=30_000)
    expect(page.locator("#status")).to_be_hidden()
    expect(page.locator(".is-streaming")).to_have_count(0)
    assert [seq for seq, _ in shown(page)] == stored(page, api) == [1, 2]


def test_what_was_queued_while_offline_survives_a_reload_and_is_said_once(page, device, api):
    page.goto("/chat/new/")
    say(page, QUESTIONS[0])
    expect(page.locator(".from-assistant[data-seq]")).to_have_count(1, timeout=30_000)
    blocked = []
    page.route_web_socket("**/ws/chat*", lambda socket: blocked.append(socket.close()))
    page.reload()
    expect(page.locator("#banner")).to_be_visible()
    say(page, QUESTIONS[1])
    expect(page.locator(".is-sending")).to_contain_text("Will be sent")
    second = device.new_page()
    second.goto(page.url)  # the session's other tab has a line
    page.unroute_all()
    again = device.new_page()
    again.goto(page.url)
    kept = page.evaluate("sessionStorage.getItem('chat-outbox')")
    again.evaluate("kept => sessionStorage.setItem('chat-outbox', kept)", kept)
    again.reload()
    for one in (again, second):
        expect(one.locator(".from-customer[data-seq]")).to_have_count(2, timeout=30_000)
        expect(one.locator(".from-assistant[data-seq]")).to_have_count(2, timeout=30_000)
    assert again.locator(".is-sending").count() == 0
    again.reload()
    expect(again.locator(".from-customer")).to_have_count(2)


def test_what_waits_in_one_conversation_is_neither_lost_nor_said_in_another(page):
    page.goto("/chat/new/")
    say(page, QUESTIONS[0])
    expect(page.locator(".from-assistant[data-seq]")).to_have_count(1, timeout=30_000)
    there, is_down = page.url, [True]
    page.route_web_socket("**/ws/chat*", lambda socket: socket.close() if is_down else socket.connect_to_server())
    page.reload()
    say(page, QUESTIONS[1])
    expect(page.locator(".is-sending")).to_contain_text("Will be sent")
    page.goto("/chat/new/")
    expect(page.locator("#thread > *")).to_have_count(0)
    is_down.clear()
    page.goto(there)
    expect(page.locator(".from-customer[data-seq]")).to_have_count(2, timeout=30_000)


def test_two_devices_of_a_customer_are_in_step(page, chromium, running_system, api):
    """A mail, then the chat on two devices: each sees what is said on the other."""
    address = "two.devices@example.com"
    mail_send(api, address, "Gift card", QUESTIONS[0])
    sign_in(page, running_system, address)
    phone = chromium.new_context(base_url=running_system.base_url, storage_state=page.context.storage_state())
    other = phone.new_page()
    other.set_viewport_size({"width": 390, "height": 800})
    other.goto("/chat/")
    for speaker, question, count in ((page, QUESTIONS[1], 2), (other, QUESTIONS[2], 3)):
        say(speaker, question)
        for one in (page, other):
            expect(one.locator("[data-seq]:is(.from-assistant, .from-system)")).to_have_count(count, timeout=30_000)
    assert shown(page) == shown(other)
    assert [seq for seq, _ in shown(page)] == stored(page, api)
    screenshot(other, "chat-second-device-light")
    phone.close()


def test_what_was_spoken_is_read_changed_and_sent(running_system, speaking, complaints):
    context = speaking.new_context(base_url=running_system.base_url)
    context.on("page", complaints.watch)
    page = context.new_page()
    page.goto("/chat/new/")
    page.get_by_role("button", name="Speak instead of typing").click()
    expect(page.locator("#voice")).to_contain_text("Listening…", timeout=20_000)
    expect(page.locator(".meter")).to_have_attribute("aria-valuenow", re.compile("^([2-9]|10)$"), timeout=20_000)
    screenshot(page, "chat-voice-real-light")
    page.wait_for_timeout(3500)
    page.get_by_role("button", name="Done").click()
    field = page.get_by_label("Your message")
    expect(field).to_be_visible(timeout=40_000)
    heard = field.input_value()
    assert heard.strip(), "the recogniser heard something"
    expect(page.locator("#spoken")).to_contain_text("built-in recogniser, English")
    screenshot(page, "chat-voice-transcript-light")
    expect(page.locator(".message")).to_have_count(0)
    field.fill("How long is a gift card valid?")
    page.keyboard.press("Enter")
    expect(page.locator(".from-customer[data-seq]")).to_contain_text("How long is a gift card valid?", timeout=20_000)
    expect(page.locator(".from-customer[data-seq]")).to_contain_text("Spoken")
    expect(page.locator("[data-seq]:is(.from-assistant, .from-system)")).to_have_count(1, timeout=40_000)
    context.close()
    assert complaints == []
