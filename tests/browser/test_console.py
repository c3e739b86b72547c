"""A consultant's day in a real Chromium: log in, open what waits, edit the suggestion, send it, see it go out."""

import json
import re
import uuid

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import screenshot
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]

COMPLAINT = (
    "I am furious. This is the third time that the delivery of my dining table did not arrive on the promised date, "
    "and nobody told me. As a Premium member I find this service ridiculous and unacceptable.\n\n"
    "I need an answer today: when does my table come, and what will you do about it?"
)


@pytest.fixture
def complaint(api) -> dict:
    """An angry mail of a Premium customer, as the API tells about it once it is with people."""
    body = {
        "channel_id": "outlook",
        "user_id": "olivia.brooks@example.net",
        "subject": f"Third delivery date missed {uuid.uuid4().hex[:6]}",
        "message": COMPLAINT,
    }
    document = api.post("/api/v1/query", json=body, headers={"Prefer": "wait=20"}).raise_for_status().json()
    assert document["status"] == "escalated", document
    return {**document, "subject": body["subject"]}


_sessions: dict[tuple[str, str], list] = {}  # by installation and person: the cookies of who has logged in


def log_in(device: BrowserContext, system: RunningSystem, who: str) -> Page:
    """The home page of ``admin`` or ``consultant``, in the session of their last login while it lives."""
    page = device.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})  # the sidebar stays open from a little above 1280
    key = system.base_url, who
    device.add_cookies(_sessions.get(key, []))
    page.goto("/admin/")
    if "/login/" in page.url:
        logins = json.loads((system.home / "demo-credentials.json").read_text())
        page.get_by_label("Username").fill(logins[f"{who}_user"])
        page.get_by_label("Password").fill(logins[f"{who}_password"])
        page.get_by_role("button", name="Log in").click()
    name = {"admin": "Alex", "consultant": "Robin"}[who]
    greeting = re.compile(f"^Good (morning|afternoon|evening), {name}")
    expect(page.get_by_role("heading", level=1, name=greeting)).to_be_visible()
    _sessions[key] = [cookie for cookie in device.cookies() if cookie["name"] in ("sessionid", "csrftoken")]
    return page


def test_a_consultant_answers_an_escalation(device, running_system, complaint, api):
    page = log_in(device, running_system, "consultant")
    screenshot(page, "console-home")
    page.get_by_role("link", name="Queue").first.click()
    page.get_by_label("Search").fill(complaint["subject"])
    page.keyboard.press("Enter")
    page.locator(f"[data-id={complaint['escalation_id']}] [data-open]").click()

    expect(page.get_by_test_id("state")).to_have_text("Open")
    expect(page.get_by_text("did not arrive on the promised date").first).to_be_visible()
    expect(page.get_by_test_id("score-sum")).to_contain_text("100 − 50 − 30 − 15 = 5")
    expect(page.locator(".cq-level-premium").first).to_be_visible()
    screenshot(page, "console-escalation")

    reply = page.get_by_label("Reply to Olivia Brooks")
    suggestion = reply.input_value()
    reply.fill(f"Dear Ms Brooks,\n\nyour armchair comes **on Friday**.\n\n{suggestion}")
    page.get_by_role("button", name="Send reply").click()

    expect(page.get_by_test_id("held")).to_contain_text("your armchair comes")
    # Once it cannot be taken back any more:
    expect(page.get_by_test_id("state")).to_have_text("Answered", timeout=40_000)
    expect(page.get_by_test_id("outcome")).to_contain_text("olivia.brooks@example.net")
    screenshot(page, "console-sent")
    expect(page.locator(".cq-us").last).to_contain_text("your armchair comes on Friday")
    _see_it_delivered(page)
    _see_it_by_api(api, complaint)


def _see_it_delivered(page: Page) -> None:
    for _ in range(40):
        if "Delivered" in page.get_by_test_id("outcome").inner_text():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(page.get_by_test_id("outcome").inner_text())


def _see_it_by_api(api, complaint) -> None:
    messages = api.get(f"/api/v1/conversations/{complaint['conversation_id']}/messages").raise_for_status().json()
    assert messages["messages"][-1]["author"] == "consultant"
    assert api.get(f"/api/v1/queries/{complaint['request_id']}").json()["status"] == "answered"


def test_closing_without_a_reply_asks_why(device, running_system, complaint):
    page = log_in(device, running_system, "admin")
    page.goto(f"/admin/conversations/escalation/{complaint['escalation_id']}/change/")
    page.get_by_text("Close without reply").click()
    page.get_by_label("Why is no reply needed?").fill("Called her: the armchair has arrived.")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_test_id("state")).to_have_text("Closed without a reply")
    expect(page.locator(".cq-note")).to_contain_text("Called her: the armchair has arrived.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_sidebar_opens_without_complaints(device, running_system, scheme):
    """The `device` fixture fails the test when a page logs an error or breaks the content security policy."""
    page = log_in(device, running_system, "admin")
    page.emulate_media(color_scheme=scheme)
    links = page.locator("#nav-sidebar-apps a")
    addresses = [links.nth(number).get_attribute("href") for number in range(links.count())]
    assert len(addresses) >= 15
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    for address in addresses:
        assert page.goto(address).ok, address
    assert loaded
    assert [url for url in loaded if not url.startswith((running_system.base_url, "data:"))] == []
