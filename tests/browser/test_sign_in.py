"""Staff sign in with two factors in a real Chromium: the app is set up, asked for, lost and reset."""

import json
import re
import time
from base64 import b32decode

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import barriers
from tests.browser.conftest import screenshot
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]

GREETING = re.compile("^Good (morning|afternoon|evening), ")
PASSWORD = "nadia has a long password"
_MAKE = f"""
from django.contrib.auth.models import Group, User
user, _ = User.objects.get_or_create(username="nadia", defaults={{"is_staff": True, "first_name": "Nadia"}})
user.set_password("{PASSWORD}")
user.save()
user.groups.set([Group.objects.get(name="consultants")])
"""


@pytest.fixture(scope="module")
def nadia(running_system: RunningSystem) -> str:
    """A consultant of her own, whom no other test signs in."""
    made = running_system.manage("shell", "-c", _MAKE)
    assert made.returncode == 0, made.stderr
    return "nadia"


def code_of(key: str) -> str:
    return f"{TOTP(b32decode(key.replace(' ', ''))).token():06d}"


def next_code(key: str, used: str) -> str:
    """A code opens once: the one after `used`."""
    deadline = time.monotonic() + 40
    while (code := code_of(key)) == used:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return code


def password_give(page: Page, username: str, password: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


ALPINE = re.compile(r"/alpine(\.[0-9a-f]+)?\.js")


def late(route: Route) -> None:
    """The frame hides the page until this has come, and with it the field that is to have the focus."""
    time.sleep(1)
    route.continue_()


def in_both_lights(page: Page, name: str) -> None:
    """Without a barrier, and kept to be looked at: by day and by night."""
    assert barriers(page) == []
    screenshot(page, name)
    page.evaluate("document.documentElement.classList.add('dark')")
    assert barriers(page) == []
    screenshot(page, f"{name}-dark")
    page.evaluate("document.documentElement.classList.remove('dark')")


def test_a_consultant_sets_an_app_up_and_signs_in_with_it(device, chromium, running_system, nadia):
    page = device.new_page()
    password_give(page, nadia, PASSWORD)
    expect(page.get_by_role("heading", level=1, name=GREETING)).to_be_visible()
    page.goto("/admin/second-factor/mine/")
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    expect(page.get_by_alt_text("QR code")).to_have_js_property("complete", True)
    assert page.get_by_alt_text("QR code").evaluate("image => image.naturalWidth") > 100
    in_both_lights(page, "second-factor-enrol")
    page.get_by_text("Or type the key").click()
    key = page.get_by_test_id("key").inner_text()
    used = code_of(key)
    page.get_by_label("Six-digit code").fill(used)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.get_by_test_id("recovery-codes").locator("li").all_inner_texts()
    assert len(codes) == 10
    in_both_lights(page, "second-factor-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1, name=GREETING)).to_be_visible()

    device.clear_cookies()
    device.route(ALPINE, late)
    password_give(page, nadia, PASSWORD)
    expect(page.get_by_text("Signing in as nadia")).to_be_visible()
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    device.unroute(ALPINE)
    page.get_by_label("Six-digit code").fill(next_code(key, used))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=GREETING)).to_be_visible()
    page.goto("/admin/second-factor/mine/")
    expect(page.get_by_test_id("codes-left")).to_have_text("10 recovery codes")
    in_both_lights(page, "second-factor-mine")

    plain = chromium.new_context(base_url=running_system.base_url, java_script_enabled=False)
    page = plain.new_page()
    password_give(page, nadia, PASSWORD)
    page.get_by_label("Six-digit code").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=GREETING)).to_be_visible()
    plain.close()


def test_an_admin_resets_a_lost_phone(device, running_system, nadia):
    logins = json.loads((running_system.home / "demo-credentials.json").read_text())
    page = device.new_page()
    password_give(page, logins["admin_user"], logins["admin_password"])
    expect(page.get_by_role("heading", level=1, name=GREETING)).to_be_visible()
    page.goto("/admin/auth/user/?q=nadia")
    page.get_by_role("link", name="nadia").first.click()
    page.get_by_role("link", name="Second factor").last.click()
    expect(page.get_by_role("heading", name="Without a second factor")).to_be_visible()
    in_both_lights(page, "second-factor-reset")
    if page.get_by_test_id("reset").is_visible():
        page.get_by_test_id("reset").click()
        expect(page.get_by_text("Their sessions ended")).to_be_visible()
    expect(page.get_by_text("There is nothing to reset.")).to_be_visible()


def test_an_admin_silences_the_assistant_on_one_channel(device, running_system):
    logins = json.loads((running_system.home / "demo-credentials.json").read_text())
    page = device.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    password_give(page, logins["admin_user"], logins["admin_password"])
    page.get_by_role("link", name="People only").click()
    expect(page.get_by_test_id("everywhere")).to_contain_text("The assistant answers what it may.")
    page.get_by_test_id("switch-api").click()
    try:
        expect(page.get_by_test_id("people-only")).to_contain_text("the assistant sends nothing on API")
        in_both_lights(page, "people-only")
        page.goto("/admin/")
        expect(page.get_by_test_id("people-only")).to_be_visible()
        screenshot(page, "people-only-home")
    finally:
        page.goto("/admin/people-only/")
        page.get_by_test_id("switch-api").click()
    expect(page.get_by_test_id("people-only")).to_have_count(0)


def test_pages_of_a_channel_can_be_used_by_everybody(device, running_system):
    logins = json.loads((running_system.home / "demo-credentials.json").read_text())
    page = device.new_page()
    password_give(page, logins["admin_user"], logins["admin_password"])
    for name, heading in (("Secret", "Make a new secret"), ("Try it", "Send a test")):
        page.goto("/admin/conversations/channel/outlook/change/")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        in_both_lights(page, f"channel-{name.split()[0].lower()}")
    page.get_by_label("Where to").fill("nobody@example.com")
    page.get_by_test_id("try").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("The mail is on its way.")
    screenshot(page, "channel-tried")


def test_the_lock_says_how_long_and_what_to_do(device, running_system, complaints):
    page = device.new_page()
    for _ in range(5):
        password_give(page, "mallory", "a wrong password")
    expect(page.get_by_role("heading", name="Sign-in is locked")).to_be_visible()
    in_both_lights(page, "sign-in-locked")
    complaints[:] = [told for told in complaints if "429" not in told]  # the browser reports the status itself
