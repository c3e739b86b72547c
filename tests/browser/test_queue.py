"""A consultant's queue and home in a real Chromium: live, together with a colleague, and by keys."""

import json
import re
import uuid
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import Complaints, screenshot
from tests.browser.test_console import log_in
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]

SIZES = [{"width": 1440, "height": 900}, {"width": 1280, "height": 800}]
ANGRY = "This is ridiculous: for the third time my table did not arrive. I demand to speak to a person, today!"


@pytest.fixture
def write(api):
    """``write()``: a customer asks for a person; the escalation's id and the word that its subject has alone."""

    def write_(word: str = "") -> tuple[str, str]:
        word = word or uuid.uuid4().hex[:8]
        body = {
            "channel_id": "outlook",
            "user_id": f"{word}@example.net",
            "subject": f"My table {word}",
            "message": f"{ANGRY} ({word})",
        }
        answer = api.post("/api/v1/query", json=body, headers={"Prefer": "wait=20"}).raise_for_status().json()
        assert answer["status"] == "escalated", answer
        return answer["escalation_id"], word

    return write_


@pytest.fixture
def other_device(chromium: Browser, running_system: RunningSystem) -> Iterator[BrowserContext]:
    """A colleague's browser."""
    context, complained = chromium.new_context(base_url=running_system.base_url, viewport=SIZES[0]), Complaints()
    context.on("page", complained.watch)
    yield context
    context.close()
    assert complained == []


def row(page: Page, escalation_id: str):
    return page.locator(f"tr[data-id={escalation_id}]")


def live(page: Page) -> Page:
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    return page


def test_new_cases_wait_in_a_bar_and_rows_never_jump(device, running_system, write):
    first, _ = write()
    page = log_in(device, running_system, "consultant")
    page.goto("/admin/queue/?tab=unassigned")
    live(page)
    before = page.locator("tr[data-id]").evaluate_all("all => all.map(one => one.dataset.id)")
    place = row(page, first).bounding_box()
    newest, _ = write()
    bar = page.locator("[data-new]")
    expect(bar).to_have_text(re.compile("1 new"))
    assert page.locator("tr[data-id]").evaluate_all("all => all.map(one => one.dataset.id)") == before
    assert row(page, first).bounding_box() == place
    screenshot(page, "queue-new")
    page.keyboard.press("r")
    expect(row(page, newest)).to_be_visible()
    expect(row(page, newest).locator("[data-open]")).to_be_focused()
    expect(bar).to_be_hidden()


def test_a_list_that_began_empty_is_worked_on_like_any_other(device, running_system, write):
    word = uuid.uuid4().hex[:8]
    page = log_in(device, running_system, "consultant")
    page.goto(f"/admin/queue/?q={word}")
    live(page)
    expect(page.get_by_text("No case fits these filters.")).to_be_visible()
    escalation_id, _ = write(word)
    expect(page.locator("[data-new]")).to_have_text(re.compile("1 new"))
    expect(page.locator("[data-bulk]")).to_be_hidden()

    page.keyboard.press("r")
    expect(row(page, escalation_id).locator("[data-open]")).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.keyboard.press("a")
    expect(row(page, escalation_id)).to_have_class(re.compile("cq-q-mine"))
    expect(row(page, escalation_id).locator("[data-open]")).to_be_focused()


def test_what_a_colleague_has_no_key_takes(device, other_device, running_system, write):
    escalation_id, word = write()
    boss = log_in(other_device, running_system, "admin")
    robin = log_in(device, running_system, "consultant")
    for page in (boss, robin):
        page.goto(f"/admin/queue/?q={word}")
        live(page)
        page.keyboard.press("j")
    boss.keyboard.press("a")
    expect(row(boss, escalation_id)).to_have_class(re.compile("cq-q-mine"))
    expect(row(robin, escalation_id)).not_to_have_attribute("data-assignee", "")

    robin.keyboard.press("a")
    expect(row(robin, escalation_id)).to_contain_text("a colleague has it: open it and take it over there")
    robin.keyboard.press("x")
    robin.keyboard.press("a")
    expect(row(robin, escalation_id)).to_contain_text("has it. Open it and take it over there.")
    expect(row(robin, escalation_id)).not_to_have_class(re.compile("cq-q-mine"))


def test_who_goes_away_is_asked_first(device, running_system):
    page = log_in(device, running_system, "consultant")
    page.get_by_role("link", name="I am away").click()
    expect(page.get_by_role("button", name="I am away")).to_be_visible()
    assert barriers(page) == []
    screenshot(page, "away")
    page.get_by_role("link", name="Stay").click()
    expect(page.locator("[data-home]")).to_be_visible()
    expect(page.get_by_test_id("away")).to_have_count(0)


def test_two_consultants_see_each_other_and_what_the_other_takes(device, other_device, running_system, write):
    escalation_id, _ = write()
    robin = log_in(device, running_system, "consultant")
    robin.goto("/admin/queue/?tab=unassigned")
    live(robin)
    boss = log_in(other_device, running_system, "admin")
    boss.goto("/admin/queue/")
    live(boss)
    boss.evaluate("id => import('/static/console/live.js').then(({ live }) => live.watch(id))", escalation_id)
    viewers = row(robin, escalation_id).locator("[data-viewers] .cq-face")
    expect(viewers).to_have_count(1)
    expect(row(robin, escalation_id).locator("[data-viewers]")).to_contain_text("viewed by")
    screenshot(robin, "queue-viewed")

    row(boss, escalation_id).locator("[data-open]").focus()
    boss.keyboard.press("a")
    expect(row(robin, escalation_id)).to_have_class(re.compile("cq-q-gone"))
    expect(row(robin, escalation_id)).to_contain_text("assigned")
    expect(row(robin, escalation_id).locator("input[name=e]")).to_be_disabled()

    boss.close()
    expect(viewers).to_have_count(0, timeout=10_000)


def test_a_page_whose_session_ended_says_so(device, running_system):
    page = log_in(device, running_system, "consultant")
    page.goto("/admin/queue/")
    live(page)
    other = device.new_page()
    other.goto("/admin/queue/")
    other.evaluate("""async () => {
        const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
        await fetch("/admin/logout/", { method: "POST", body: new URLSearchParams({ csrfmiddlewaretoken: token }) });
    }""")
    expect(page.locator("[data-live-state]")).to_have_text("Signed out", timeout=8_000)


def test_home_counts_live_and_takes_the_next_one_with_one_click(device, running_system, write):
    page = log_in(device, running_system, "consultant")
    live(page)
    tile = page.locator("[data-tile=unassigned]")
    before = int(tile.get_attribute("data-value") or 0)
    write()
    expect(tile).to_have_attribute("data-value", str(before + 1))
    expect(page.get_by_test_id("system")).to_contain_text("Worker")
    mine = int(page.locator("[data-tile=mine]").get_attribute("data-value") or 0)
    page.get_by_role("button", name="Take the next one").click()
    expect(page).to_have_url(re.compile("/escalation/esc_.*/change/"))
    page.goto("/admin/")
    expect(page.locator("[data-tile=mine]")).to_have_attribute("data-value", str(mine + 1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_and_queue_look_right_and_have_no_barriers(device, running_system, write, scheme):
    write()
    page = log_in(device, running_system, "consultant")
    page.emulate_media(color_scheme=scheme)
    found = {}
    for name, address in {"home": "/admin/", "queue": "/admin/queue/", "empty": "/admin/queue/?q=zebra"}.items():
        for size in SIZES:
            page.set_viewport_size(size)
            page.goto(address)
            live(page)
            screenshot(page, f"{name}-{scheme}-{size['width']}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        found[name] = barriers(page)
    page.goto("/admin/queue/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    found["selected"] = barriers(page)
    page.keyboard.press("?")
    found["help"] = barriers(page)
    assert found == {name: [] for name in found}


def test_without_scripts_cases_are_found_taken_and_given_back(chromium, running_system, write):
    escalation_id, word = write()
    context = chromium.new_context(base_url=running_system.base_url, java_script_enabled=False, viewport=SIZES[0])
    logins = json.loads((running_system.home / "demo-credentials.json").read_text())
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill(logins["consultant_user"])
    page.get_by_label("Password").fill(logins["consultant_password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("[data-home]")).to_be_visible()
    page.goto("/admin/queue/")
    page.get_by_role("searchbox", name="Search").fill(word)
    page.get_by_role("button", name="Apply").click()
    row(page, escalation_id).locator("input[name=e]").check()
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("1 case assigned to you.")).to_be_visible()
    row(page, escalation_id).locator("input[name=e]").check()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("1 case released.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_page_of_another_site_cannot_listen(running_system, origin):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers = {**upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **({"Origin": origin} if origin else {})}
    answer = httpx.get(f"{running_system.base_url}/ws/console", headers=headers, trust_env=False)
    assert answer.status_code == 403
