"""The widget on a shop's page, in a real browser, the shop and the product on different sites."""

import importlib.util
import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from omnicqm.processes.addresses import free_ports
from tests.browser.conftest import Complaints, code_read, screenshot
from tests.running import ROOT, RunningSystem

pytestmark = pytest.mark.browser
FOLDER = ROOT / "integrations" / "widget"


def service_module() -> ModuleType:
    """`integrations/widget/serve.py`, which is no package of ours."""
    spec = importlib.util.spec_from_file_location("widget_demo_serve", FOLDER / "serve.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def same_site(origin: str) -> str:
    return origin.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def widget(running_system: RunningSystem) -> dict[str, Any]:
    """A key for the shop below, and where the shop is. The product is 127.0.0.1, the shop localhost: two sites. By its
    number the shop is there too, on the product's site."""
    [port] = free_ports(1)
    origin = f"http://localhost:{port}"
    origins = ("--origin", origin, "--origin", same_site(origin))
    made = running_system.manage("widget_key_create", "--name", "Shop", *origins, "--json")
    return {**json.loads(made.stdout), "base_url": running_system.base_url, "port": port, "origin": origin}


@pytest.fixture(scope="module")
def shop(widget: dict[str, Any]) -> Iterator[str]:
    with served(service_module().shop_server(widget["port"], widget)):
        yield widget["origin"]


@pytest.fixture
def context(chromium: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    context.on("page", complaints.watch)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def launcher(page: Page):
    return page.locator("omnicqm-widget .launcher")


def panel(page: Page):
    return page.locator("omnicqm-widget .panel")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("omnicqm-widget iframe")


def say(page: Page, text: str) -> None:
    chat(page).get_by_label("Your message").fill(text)
    chat(page).get_by_label("Your message").press("Enter")


def replies(page: Page):
    return chat(page).locator(".message.from-assistant:not(.is-streaming)")


def questions(page: Page):
    return chat(page).locator(".message.from-customer")


def open_chat(page: Page) -> None:
    launcher(page).click()
    expect(chat(page).get_by_label("Your message")).to_be_focused()


def events(page: Page):
    return page.locator("#events li")


def test_a_visitor_of_the_shop_chats_and_finds_the_thread_again(page, shop, complaints):
    page.goto(shop)
    expect(launcher(page)).to_have_attribute("aria-label", "Chat with us")
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    screenshot(page, "widget-closed")
    open_chat(page)
    say(page, "How long is a gift card valid?")
    expect(replies(page)).to_have_count(1, timeout=20_000)
    screenshot(page, "widget-open")
    page.reload()
    open_chat(page)
    expect(questions(page)).to_have_count(1)
    expect(replies(page)).to_have_count(1)
    assert complaints == []


def test_a_reply_that_nobody_saw_is_counted_on_the_launcher(page, shop, complaints):
    page.goto(shop)
    open_chat(page)
    say(page, "How long is a gift card valid?")
    expect(questions(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-label", "Chat with us, 1 new", timeout=20_000)
    screenshot(page, "widget-unread")
    page.reload()
    expect(launcher(page)).to_have_attribute("aria-label", "Chat with us, 1 new")
    open_chat(page)
    expect(launcher(page)).to_have_attribute("aria-label", "Close chat")
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_attribute("aria-label", "Chat with us")
    assert complaints == []


def test_who_logs_in_to_the_shop_goes_on_and_who_comes_next_sees_nothing(page, shop, complaints):
    page.goto(shop)
    open_chat(page)
    say(page, "How long is a gift card valid?")
    expect(replies(page)).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="Log in as Amelia").click()
    expect(events(page).filter(has_text="identified")).to_have_count(1)
    expect(questions(page).filter(has_text="gift card")).to_have_count(1)
    chat(page).get_by_role("button", name="Your conversations").click()
    expect(chat(page).get_by_text("amelia.hart@example.com")).to_be_visible()
    screenshot(page, "widget-identified")
    page.get_by_role("button", name="Log in as Jonas").click()
    expect(events(page).filter(has_text="identified")).to_have_count(2)
    expect(questions(page).filter(has_text="gift card")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    expect(events(page).filter(has_text="loggedout")).to_have_count(1)
    expect(chat(page).get_by_role("heading", name="How can we help you?")).to_be_visible()
    expect(chat(page).locator(".message")).to_have_count(0)
    assert complaints == []


def test_what_somebody_has_not_sent_yet_is_not_there_for_who_comes_next(page, shop, complaints):
    page.goto(same_site(shop))  # where browsers let frames keep something over a reload
    page.get_by_role("button", name="Log in as Amelia").click()
    expect(events(page).filter(has_text="identified")).to_have_count(1)
    open_chat(page)
    field = chat(page).get_by_label("Your message")
    field.fill("My card ends in 4711")
    page.reload()
    open_chat(page)
    expect(field).to_have_value("My card ends in 4711")
    page.get_by_role("button", name="Log in as Jonas").click()
    expect(events(page).filter(has_text="identified")).to_have_count(1)
    expect(field).to_have_value("")
    field.fill("I am Jonas")
    page.reload()
    page.get_by_role("button", name="Log out").click()  # before the chat is opened
    expect(events(page).filter(has_text="loggedout")).to_have_count(1)
    open_chat(page)
    expect(field).to_have_value("")
    assert complaints == []


def test_a_reply_is_rated_in_the_frame(page, shop, complaints):
    page.goto(shop)
    open_chat(page)
    say(page, "How long is a gift card valid?")
    expect(replies(page)).to_have_count(1, timeout=20_000)
    thumb = replies(page).get_by_role("button", name="Helpful", exact=True)
    thumb.click()
    expect(replies(page).get_by_text("Thank you for telling us.")).to_be_visible()
    screenshot(page, "widget-rated")
    page.reload()
    open_chat(page)
    expect(thumb).to_have_attribute("aria-pressed", "true")
    assert complaints == []


def test_a_question_is_spoken_and_a_recording_sent_in_the_frame(speaking, spoken, shop, complaints):
    context = speaking.new_context(viewport={"width": 1100, "height": 800})
    context.on("page", complaints.watch)
    page = context.new_page()
    page.goto(shop)
    open_chat(page)
    field = chat(page).get_by_label("Your message")
    chat(page).get_by_role("button", name="Speak instead of typing").click()
    expect(chat(page).locator("#voice")).to_contain_text("Listening…", timeout=20_000)
    screenshot(page, "widget-speaking")
    page.wait_for_timeout(3500)
    chat(page).get_by_role("button", name="Done").click()
    expect(field).not_to_have_value("", timeout=40_000)
    field.fill("")
    with page.expect_file_chooser() as choosing:
        chat(page).get_by_role("button", name="More").click()
        chat(page).get_by_role("button", name="Upload a recording").click()
    choosing.value.set_files(spoken)
    expect(field).not_to_have_value("", timeout=40_000)
    context.close()
    assert complaints == []


def test_a_wrong_token_is_told_to_the_page_and_makes_nobody_anybody(page, shop):
    page.goto(shop)
    refused = page.evaluate(
        """() => new Promise(done => window.OmniCQM.push(chat => {
          const heard = []; chat.on("error", event => heard.push(event.code));
          chat.identify("eyJhbGciOiJub25lIn0.e30.").catch(error => done([error.code, ...heard]));
        }))"""
    )
    assert refused == ["token_invalid", "token_invalid"]
    open_chat(page)
    expect(chat(page).get_by_text("Signed in as")).to_have_count(0)


def test_signing_in_by_code_works_within_the_frame(page, shop, running_system, complaints):
    page.goto(shop)
    open_chat(page)
    chat(page).get_by_role("button", name="Your conversations").click()
    chat(page).get_by_role("link", name="Sign in").click()
    chat(page).get_by_label("E-mail address").fill("frame@example.com")
    screenshot(page, "widget-sign-in")
    chat(page).get_by_role("button", name="Send me a code").click()
    expect(chat(page).get_by_label("Six-digit code")).to_be_visible()
    chat(page).get_by_label("Six-digit code").fill(code_read(running_system, "frame@example.com"))
    chat(page).get_by_role("button", name="Sign in").click()
    chat(page).get_by_role("button", name="Your conversations").click()
    expect(chat(page).get_by_text("frame@example.com")).to_be_visible()
    assert complaints == []


def test_another_page_shows_no_launcher_and_says_why_on_its_console(page, widget, complaints):
    [port] = free_ports(1)
    with served(service_module().shop_server(port, widget)):
        page.goto(f"http://localhost:{port}")
        expect(events(page).filter(has_text="origin_not_allowed")).to_have_count(1)
        expect(launcher(page)).to_be_hidden()
    assert any("may not show this widget" in complaint for complaint in complaints)
    assert not any("Security Policy" in complaint for complaint in complaints)


def test_a_page_that_lies_about_its_origin_is_shown_nothing(page, widget, shop):
    """The claim opens the door; the browser, which knows better, keeps the frame shut."""
    [port] = free_ports(1)
    with served(service_module().shop_server(port, widget)):
        page.goto(f"http://localhost:{port}")
        address = f"{widget['base_url']}/widget/frame/?key={widget['widget_key']}&origin={shop}&page=chat"
        page.evaluate(
            """address => { const f = document.createElement("iframe"); f.src = address; f.name = "liar";
              document.body.append(f); }""",
            address,
        )
        page.wait_for_timeout(1500)
        frame = page.frame(name="liar")
        assert frame is None or "chat-error" in frame.url or frame.locator("#chat").count() == 0


class Broken(BaseHTTPRequestHandler):
    """A server that has lost its mind: it answers everything with something else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Welcome to the default page of this server</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def silence(port: int) -> Iterator[None]:
    """A server that takes connections and never answers."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(50)
        yield


@contextmanager
def garbage(port: int) -> Iterator[None]:
    with served(ThreadingHTTPServer(("127.0.0.1", port), Broken)):
        yield


TROUBLES = {"down": lambda _: nullcontext(), "silent": silence, "garbage": garbage}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_server_that_does_not_answer_leaves_the_page_alone(page, widget, trouble):
    """The loader is in the browser's cache or on the shop's own server; what it loads is not there."""
    there, here = free_ports(2)
    broken = {**widget, "base_url": f"http://127.0.0.1:{there}"}
    loader = (ROOT / "static" / "widget" / "v1.js").read_text()
    page.route("**/widget/v1.js", lambda route: route.fulfill(body=loader, content_type="text/javascript"))
    with served(service_module().shop_server(here, broken)), TROUBLES[trouble](there):
        page.goto(f"http://localhost:{here}")
        expect(launcher(page)).to_be_visible(timeout=12_000)
        launcher(page).click()
        expect(panel(page).get_by_text("The chat is unavailable at the moment.")).to_be_visible(timeout=12_000)
        box = panel(page).bounding_box()
        assert box
        assert box["height"] < 250, "no empty frame over the page"
        page.get_by_role("button", name="Log out").click(timeout=2000)
        screenshot(page, f"widget-{trouble}")
        panel(page).get_by_role("button", name="Close chat").click()
        expect(panel(page)).to_be_hidden()


def test_the_chat_comes_back_with_the_server(page, shop, widget):
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    page.route("**/widget/frame/**", lambda route: route.abort())
    launcher(page).click()
    expect(panel(page).get_by_text("The chat is unavailable")).to_be_visible(timeout=12_000)
    page.unroute("**/widget/frame/**")
    panel(page).get_by_role("button", name="Try again").click()
    expect(chat(page).get_by_label("Your message")).to_be_visible()


def test_the_keyboard_alone_is_enough(page, shop):
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    page.get_by_role("button", name="Open the chat").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") == "omnicqm-widget":
            break
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat(page).get_by_label("Your message")).to_be_focused()
    page.keyboard.type("How long is a gift card valid?")
    page.keyboard.press("Enter")
    expect(questions(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def test_on_a_phone_the_chat_fills_the_page_and_leaves_it_again(chromium, shop, complaints):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark", reduced_motion="reduce")
    context.on("page", complaints.watch)
    page = context.new_page()
    page.goto(shop)
    screenshot(page, "widget-phone-closed")
    open_chat(page)
    assert panel(page).bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
    screenshot(page, "widget-phone-open")
    panel(page).get_by_role("button", name="Close chat").click()
    expect(panel(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()
    assert complaints == []


def test_included_twice_taken_off_and_put_on_again(page, shop, widget, complaints):
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    again = """([base, key]) => new Promise(done => { const s = document.createElement("script"); s.onload = done;
      s.src = `${base}/widget/v1.js`; s.dataset.key = key; document.body.append(s); })"""
    page.evaluate(again, [widget["base_url"], widget["widget_key"]])
    expect(page.locator("omnicqm-widget")).to_have_count(1)
    page.evaluate("document.body.replaceChildren()")  # as single-page applications do
    expect(launcher(page)).to_be_visible()
    page.evaluate("window.OmniCQM.destroy()")
    expect(page.locator("omnicqm-widget")).to_have_count(0)
    assert page.evaluate("window.OmniCQM") is None
    page.evaluate(again, [widget["base_url"], widget["widget_key"]])
    expect(launcher(page)).to_be_visible()
    assert complaints == []


def test_in_a_page_that_is_read_from_right_to_left_it_stands_left(page, shop):
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    page.evaluate("document.documentElement.dir = 'rtl'")
    open_chat(page)
    box = panel(page).bounding_box()
    assert box
    assert box["x"] < 40
    screenshot(page, "widget-rtl")
