"""The chat as customers meet it: from the mail into the browser, live, on a second page, and over a bad line."""

import re
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import link_read, mail_send, say, screenshot, sign_in, thread_shape

pytestmark = pytest.mark.browser

_numbers = count()


@pytest.fixture
def address():
    """A mailbox no other test uses."""
    return f"reader{next(_numbers)}@example.com"


@pytest.fixture
def page(device: BrowserContext) -> Page:
    return device.new_page()


def replies(page: Page):
    return page.locator(".message.from-assistant:not(.is-streaming)")


def test_a_customer_who_mailed_goes_on_in_the_chat(page, device, running_system, api, address):
    text = "Hello,\n\nhow long is a gift card valid?\n\nBest\nKim"
    answer = mail_send(api, address, "A gift for my sister", text)
    sign_in(page, running_system, address)

    expect(page.get_by_role("heading", name="A gift for my sister")).to_be_visible()
    mails = page.locator(".message.is-mail")
    expect(mails).to_have_count(2)
    expect(mails.first.locator(".subject")).to_have_text("A gift for my sister")
    expect(mails.first).to_contain_text("how long is a gift card valid?")
    expect(page.locator("#reference")).to_contain_text("CQ-")
    screenshot(page, "chat-mail-thread-light")

    say(page, "Can I check the balance of a gift card online?")
    expect(replies(page)).to_have_count(2, timeout=20_000)
    reply = replies(page).last
    expect(reply.locator("button.source")).not_to_have_count(0)
    page_of = page.get_by_role("link", name="A gift for my sister").get_attribute("href")
    assert answer["conversation_id"] in page_of, "the same conversation"
    screenshot(page, "chat-answer-light")

    before = thread_shape(page)
    page.reload()
    expect(replies(page)).to_have_count(2)
    assert thread_shape(page) == before, "what came live and what the server renders are the same"

    chip = replies(page).last.locator("button.source").first
    chip.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(panel.locator("blockquote")).not_to_be_empty()
    expect(panel.get_by_role("heading")).to_have_text(chip.get_attribute("data-title"))
    screenshot(page, "chat-source-light")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chip).to_be_focused()
    replies(page).last.get_by_role("button", name="Source 1", exact=True).first.click()
    expect(panel.get_by_role("heading")).to_have_text(chip.get_attribute("data-title"))


def test_the_link_in_the_reply_opens_the_thread_after_one_press(page, running_system, api, address):
    mail_send(api, address, "A gift for my brother", "How long is a gift card valid?")
    page.goto(link_read(running_system, address))
    expect(page.get_by_text("A gift for my brother")).to_be_visible()
    expect(page.get_by_text(address)).to_have_count(0)
    screenshot(page, "chat-continue-light")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".message.is-mail")).to_have_count(2)
    expect(page.get_by_text(address)).to_be_visible()


def test_two_pages_of_a_customer_stay_in_step(page, device, running_system, api, address):
    mail_send(api, address, "Gift card", "How long is a gift card valid?")
    sign_in(page, running_system, address)
    second = device.new_page()
    second.goto("/chat/")
    say(page, "Can I check the balance of a gift card online?")
    for one in (page, second):
        expect(replies(one)).to_have_count(2, timeout=20_000)
    assert [shape[2:] for shape in thread_shape(second)] == [shape[2:] for shape in thread_shape(page)]


def test_a_visitor_asks_at_once_and_keeps_the_thread_after_signing_in(page, running_system, address):
    page.goto("/")
    expect(page.get_by_text("I am an AI assistant.")).to_be_visible()
    screenshot(page, "chat-new-light")
    say(page, "How long is a gift card valid?")
    expect(page.locator(".message.from-customer")).to_have_count(1)
    expect(replies(page)).to_have_count(1, timeout=20_000)
    expect(page).to_have_url(re.compile("/chat/cnv_"))
    expect(page.locator("#conversations li")).to_have_count(1)
    sign_in(page, running_system, address)
    expect(page.locator(".message.from-customer")).to_contain_text("How long is a gift card valid?")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".message")).to_have_count(0)


def test_asking_for_a_person_is_one_press_and_is_answered_honestly(page):
    page.goto("/")
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator(".message.from-customer")).to_contain_text("talk to a person")
    notice = page.locator(".message.from-system")
    expect(notice).to_be_visible(timeout=20_000)
    screenshot(page, "chat-handed-over-light")


def test_nothing_is_lost_while_the_network_is_gone(page, device):
    page.goto("/")
    say(page, "How long is a gift card valid?")
    expect(replies(page)).to_have_count(1, timeout=20_000)
    device.set_offline(True)
    expect(page.locator("#banner")).to_be_visible()
    say(page, "Can I check the balance of a gift card online?")
    expect(page.locator(".message.is-sending")).to_contain_text("Will be sent")
    screenshot(page, "chat-offline-light")
    device.set_offline(False)
    expect(page.locator("#banner")).to_be_hidden(timeout=20_000)
    expect(page.locator(".message.is-sending")).to_have_count(0)
    expect(page.locator(".message.from-customer")).to_have_count(2)
    expect(page.locator(".message:not(.from-customer)")).to_have_count(2, timeout=20_000)


def test_nothing_is_lost_while_the_servers_start_again(page, running_system, complaints):
    page.goto("/")
    say(page, "How long is a gift card valid?")
    expect(replies(page)).to_have_count(1, timeout=20_000)
    for name in ("web-1", "web-2"):
        running_system.kill(name)
    expect(page.locator("#banner")).to_be_visible()
    say(page, "Can I check the balance of a gift card online?")
    expect(page.locator("#banner")).to_be_hidden(timeout=40_000)
    expect(replies(page)).to_have_count(2, timeout=20_000)
    before = thread_shape(page)
    page.reload()
    assert thread_shape(page) == before
    complaints[:] = [text for text in complaints if "WebSocket connection to" not in text]  # the browser's own words


def test_messages_lost_on_the_way_are_fetched_again(page):
    page.clock.install()
    seen = []

    def lossy(socket):
        def pass_on(frame):
            if '"type": "message"' in frame:
                seen.append(frame)
                if len(seen) in (1, 3, 4, 6, 9):
                    return
            socket.send(frame)

        socket.connect_to_server().on_message(pass_on)

    page.route_web_socket("**/ws/chat*", lossy)
    page.goto("/")
    for number, question in enumerate(
        ("How long is a gift card valid?", "Can I check the balance of a gift card online?"), start=1
    ):
        say(page, question)
        if number == 2:  # its reply is lost and nothing comes after it that would show the gap
            while len(seen) < 9:
                page.wait_for_timeout(50)
            page.clock.fast_forward("00:25")
        expect(replies(page)).to_have_count(number, timeout=20_000)
    before = thread_shape(page)
    page.reload()
    assert thread_shape(page) == before


def test_hostile_text_shows_as_text_and_hostile_html_never_acts(page, complaints):
    page.goto("/")
    say(page, "<img src=x onerror=alert(1)> <script>alert(2)</script> **bold**")
    expect(page.locator(".message.from-customer .plain")).to_have_text(
        "<img src=x onerror=alert(1)> <script>alert(2)</script> **bold**"
    )
    made = page.evaluate(
        """async () => {
          const script = [...document.scripts].find(s => s.type === "module").src;
          const { htmlParse } = await import(new URL("safe_html.js", script));
          const box = document.createElement("div");
          box.append(htmlParse(`<p onclick="alert(1)" style="color:red">a<script>alert(2)</scr` + `ipt>
            <img src=x onerror=alert(3)><a href="javascript:alert(4)">b</a><a href=" https://example.com/ok" id=x>c</a>
            <svg><a href="javascript:alert(5)">d</a></svg><iframe src="/"></iframe><form><button>e</button></form>`));
          return box.innerHTML;
        }"""
    )
    assert "alert" not in made
    assert not any(word in made for word in ("<img", "<svg", "<iframe", "<form", "style", "onclick", "id="))
    assert ">b</a>" in made
    complaints.clear()  # Chromium reports the handlers of the text above although they never reach the page


def test_the_page_is_usable_with_the_keyboard_alone(page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("How long is a gift card valid?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Thank you")
    page.keyboard.press("Enter")
    expect(page.locator(".message.from-customer .plain")).to_have_text("How long is a gift card valid?\nThank you")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(replies(page)).to_have_count(1, timeout=20_000)
    expect(page.locator("#announcer")).to_contain_text("AI assistant:")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1600])
def test_the_thread_fits_every_width_in_light_and_dark(page, running_system, api, address, scheme, width):
    mail_send(
        api,
        address,
        "A-very-long-subject-" * 6,
        f"See https://example.com/{'x' * 200}\n\nHow long is a gift card valid?",
    )
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto("/chat/sign-in/")
    screenshot(page, f"chat-sign-in-{scheme}-{width}")
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, running_system, address)
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator(".message.is-mail").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_in_viewport()
    expect(page.get_by_label("Your message")).to_be_in_viewport()
    screenshot(page, f"chat-thread-{scheme}-{width}")
    if width == 320:
        page.get_by_role("button", name="Your conversations").click()
        expect(page.get_by_role("link", name="New conversation")).to_be_visible()
        screenshot(page, f"chat-conversations-{scheme}-{width}")


def test_the_thread_can_be_read_without_javascript(chromium, running_system, api, address, page, device):
    mail_send(api, address, "A gift", "How long is a gift card valid?")
    sign_in(page, running_system, address)
    plain = chromium.new_context(
        base_url=running_system.base_url, storage_state=device.storage_state(), java_script_enabled=False
    )
    reader = plain.new_page()
    reader.goto("/chat/")
    expect(reader.locator(".message.is-mail")).to_have_count(2)
    assert "please switch JavaScript on" in reader.content()
    plain.close()
