"""A real Chromium against a real installation."""

import json
import os
import re
import shutil
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.running import ROOT, RunningSystem

expect.set_options(timeout=20_000)  # a page that comes late on a busy machine is right all the same

SCREENSHOTS = ROOT / "build" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Not of the session: while it runs, this thread has a running event loop, which async tests cannot have.
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question said by flite, as a fake microphone plays it: 48 kHz, mono, 16 bit."""
    if not shutil.which("flite"):
        pytest.skip("no flite, which says the question: apt-get install flite")
    folder = tmp_path_factory.mktemp("spoken")
    said, played = folder / "said.wav", folder / "played.wav"
    subprocess.run(["flite", "-voice", "slt", "-t", "how long is a gift card valid", "-o", said], check=True)
    resample(said, played)
    return played


def resample(said: Path, played: Path) -> None:
    """To 48 kHz, with a second of silence before and after."""
    with wave.open(str(said)) as source:
        rate = source.getframerate()
        samples = numpy.frombuffer(source.readframes(source.getnframes()), dtype=numpy.int16)
    at = numpy.arange(0, len(samples), rate / 48_000)
    louder = numpy.interp(at, numpy.arange(len(samples)), samples)
    silence = numpy.zeros(48_000)
    with wave.open(str(played), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(48_000)
        target.writeframes(numpy.concatenate([silence, louder, silence]).astype(numpy.int16).tobytes())


@pytest.fixture(scope="module")
def speaking(chromium: Browser, spoken: Path) -> Iterator[Browser]:
    """A browser with a microphone, into which the question is said once for every recording."""
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken}%noloop",
    ]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    browser = chromium.browser_type.launch(executable_path=path, args=flags)
    yield browser
    browser.close()


class Complaints(list[str]):
    """What pages complained about: errors and warnings on the console, violations of the content security policy."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._on_console(message))
        page.on("pageerror", lambda error: self.append(f"error: {error}"))

    def _on_console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.append(f"{message.type}: {message.text}")


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def device(chromium: Browser, running_system: RunningSystem, complaints: Complaints) -> Iterator[BrowserContext]:
    """A browser nobody has used before. When the test is over no page of it may have complained."""
    context = chromium.new_context(base_url=running_system.base_url, viewport={"width": 1280, "height": 860})
    context.on("page", complaints.watch)
    yield context
    context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def api(running_system: RunningSystem) -> Iterator[httpx.Client]:
    """The REST API, as the demo's client."""
    login = running_system.credentials
    with httpx.Client(base_url=running_system.base_url, timeout=30, trust_env=False) as client:
        form = {"grant_type": "client_credentials"}
        answer = client.post("/oauth/token", data=form, auth=(login["client_id"], login["client_secret"]))
        client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        yield client


def mail_send(api: httpx.Client, sender: str, subject: str, message: str) -> dict:
    """A customer's mail, as the connector posts it; the answered query."""
    body = {"channel_id": "outlook", "user_id": sender, "subject": subject, "message": message}
    accepted = api.post("/api/v1/query", json=body).raise_for_status().json()
    deadline = time.monotonic() + 30
    while (answer := api.get(f"/api/v1/queries/{accepted['request_id']}")).status_code == 202:
        assert time.monotonic() < deadline, "nobody answered the mail"
        time.sleep(0.2)
    return answer.raise_for_status().json()


def mail_find(system: RunningSystem, address: str, wanted: str, timeout: float = 20) -> str:
    """What `wanted` finds in the newest mail to `address` that has it; without a mail server they are files."""
    found_in = re.compile(rf"^To: {re.escape(address)}$.*?{wanted}", re.MULTILINE | re.DOTALL)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for mail in sorted((system.home / "mails").glob("*.eml"), reverse=True):
            if found := found_in.search(mail.read_text()):
                return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no such mail to {address}")


def code_read(system: RunningSystem, address: str) -> str:
    """The sign-in code mailed to `address`."""
    return mail_find(system, address, r"Your sign-in code is (\d{6})")


def link_read(system: RunningSystem, address: str) -> str:
    """The path of the "continue in chat" link in the reply to `address`."""
    return mail_find(system, address, r"https?://[^/\s]+(/chat/continue/\S+)")


def sign_in(page: Page, system: RunningSystem, address: str) -> None:
    """Sign in as the reader of `address`, who has asked for no code before, the way a customer does."""
    page.goto("/chat/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Six-digit code").fill(code_read(system, address))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat/")


def say(page: Page, text: str) -> None:
    """Type `text` into the chat and send it."""
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def screenshot(page: Page, name: str) -> Path:
    """Keep what the page looks like under build/screenshots/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.wait_for_timeout(250)  # transitions
    page.screenshot(path=path)
    return path


def thread_shape(page: Page) -> list:
    """The messages on the page as plain data: tags, attributes and texts, whoever rendered them."""
    shape = page.locator("#thread").evaluate(
        """list => {
          const shape = node => node.nodeType === Node.TEXT_NODE ? node.data.trim()
            : [node.localName, Object.fromEntries([...node.attributes].map(a => [a.name, a.value])),
               ...[...node.childNodes].map(shape).filter(part => part !== "" && part !== undefined)];
          return JSON.stringify([...list.children].map(shape));
        }"""
    )
    return json.loads(shape)
