"""What consultants teach: comparisons in the shadow, sliders that move figures, an article that answers what was a gap.

The `device` fixture fails a test when a page logs an error or breaks the content security policy.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import mail_send, screenshot
from tests.browser.test_case import address, editor, sent
from tests.browser.test_console import log_in
from tests.browser.test_explorer import inline_styles

pytestmark = [pytest.mark.browser, pytest.mark.process]
RENTING = "Do you rent out furniture for a film shoot?"
RETURNING = "How many days do I have to return a chair that I do not like?"


def seen(page: Page, name: str) -> None:
    """Looked at in light and dark, wide and narrow: kept as pictures, without grave barriers, nothing runs out."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()  # the console chooses its colours when it loads
        assert inline_styles(page) == []  # first: taking a picture leaves empty ones behind
        for width, height in ((1440, 900), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            screenshot(page, f"{name}-{scheme}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (scheme, width)
        assert barriers(page) == [], scheme
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_answers_in_the_shadow_stand_beside_the_consultants(device, running_system):
    page = log_in(device, running_system, "admin")
    page.get_by_role("link", name=re.compile("Autonomy$")).click()
    page.get_by_role("link", name="Shadow comparisons").click()
    expect(page.get_by_test_id("agreement")).to_contain_text("%")
    pair = page.get_by_test_id("pair").first
    expect(pair.get_by_role("heading", name="The assistant, silently")).to_be_visible()
    expect(pair.get_by_role("heading", name="Robin Hale")).to_be_visible()
    seen(page, "autonomy-shadow")


def test_a_category_in_the_shadow_is_answered_by_people_and_both_answers_meet(device, running_system, api):
    page = log_in(device, running_system, "admin")
    autonomy_choose(page, "Shadow")
    try:
        asked = {
            "channel_id": "outlook",
            "user_id": "ines.kohl@example.net",
            "subject": "Returning",
            "message": RETURNING,
        }
        answer = api.post("/api/v1/query", json=asked, headers={"Prefer": "wait=20"}).raise_for_status().json()
    finally:
        autonomy_choose(page, "Auto")
    assert answer["status"] == "escalated", answer
    page.goto(address(answer))
    expect(editor(page)).to_have_value("")
    expect(page.locator("#thread")).not_to_contain_text("60 days")
    editor(page).fill("You may return it within 60 days, unused and in its packaging.")
    page.get_by_role("button", name="Send reply").click()
    sent(page)
    reference = page.locator(".cq-ref").first.inner_text()
    page.goto("/admin/autonomy/shadow/?category=returns")
    pair = page.get_by_test_id("pair").filter(has_text=reference)
    for _ in range(60):
        if pair.count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(pair.get_by_role("region", name="The assistant, silently")).to_contain_text("60 days")
    expect(pair.get_by_role("region", name="The consultant")).to_contain_text("unused and in its packaging")


def autonomy_choose(page: Page, level: str) -> None:
    """Press it for returns."""
    page.goto("/admin/autonomy/?category=returns")
    button = page.get_by_role("group", name="Autonomy of Returns").get_by_role("button", name=level)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


# What the page has to show, worked out by the same history without the page.
_WORKED_OUT = """
from agents.selectors import category_settings
from analytics.rehearsal import Score, history_load, rehearse
[saved] = [one for one in category_settings() if one.key == "orders"]
found = rehearse(history_load("orders", days=30), Score(100, saved.weights))
print(f"{100 * found.alpha.value:.1f} %|{100 * found.wrong_rate.value:.1f} %|{found.queue_a_day:.1f}")
"""


def figure(page: Page, name: str) -> str:
    return page.locator(f'[data-figure="{name}"] [data-part="value"]').inner_text()


def test_sliders_move_the_figures_without_a_reload_and_saving_asks_first(device, running_system):
    page = log_in(device, running_system, "admin")
    page.goto("/admin/autonomy/?category=orders&days=30")
    expect(page.locator("[data-basis]")).to_contain_text("cases")
    seen(page, "autonomy")
    page.evaluate("window.sameDocument = true")
    alpha, queue = figure(page, "alpha"), figure(page, "queue")
    expect(page.get_by_role("button", name=re.compile("Save for"))).to_be_disabled()
    threshold = page.get_by_role("slider", name="Threshold")
    threshold.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(threshold).to_have_value("100")
    expect(page.locator('[data-figure="alpha"] [data-part="value"]')).not_to_have_text(alpha)
    expect(page.locator('[data-figure="queue"] [data-part="value"]')).not_to_have_text(queue)
    strict = figure(page, "alpha")
    worked_out = running_system.manage("shell", "-c", _WORKED_OUT).stdout.split("\n")[-2]
    assert worked_out == "|".join(figure(page, name) for name in ("alpha", "wrong", "queue"))
    page.get_by_role("slider", name="Urgency").fill("0")
    expect(page.locator('[data-figure="alpha"] [data-part="value"]')).not_to_have_text(strict)
    page.get_by_role("radio", name="90 days").check()
    expect(page.locator("[data-basis]")).not_to_have_text(re.compile("^0 cases"))
    assert page.evaluate("window.sameDocument"), "no reload"
    screenshot(page, "autonomy-tried")

    page.get_by_role("button", name=re.compile("Save for")).click()
    expect(page.get_by_role("heading", name=re.compile("What changes for"))).to_be_visible()
    seen_confirm = page.get_by_role("row", name=re.compile("Threshold"))
    expect(seen_confirm).to_contain_text("100")
    screenshot(page, "autonomy-confirm")
    assert barriers(page) == []
    page.get_by_role("link", name="Back to the sliders").click()
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("100")
    page.get_by_role("button", name="Back to what is saved").click()
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("80")


def test_a_correction_is_read_as_a_difference(device, running_system):
    page = log_in(device, running_system, "consultant")
    page.get_by_role("link", name="Corrections").click()
    seen(page, "learning-corrections")
    page.locator("#result_list").get_by_role("row").filter(has_text="Edited").get_by_role("link").first.click()
    expect(page.get_by_test_id("diff").locator("ins")).not_to_have_count(0)
    seen(page, "learning-correction")


def test_an_approved_article_answers_what_was_a_gap(device, running_system, api):
    page = log_in(device, running_system, "admin")
    page.get_by_role("link", name=re.compile(" Knowledge gaps$")).click()
    expect(page.locator("#result_list")).to_contain_text("rent")
    seen(page, "learning-gaps")
    page.locator("#result_list").get_by_role("row").filter(has_text="shoot").get_by_role("link").first.click()
    expect(page.get_by_test_id("state")).to_have_text("Open")
    seen(page, "learning-gap")
    page.get_by_role("link", name="Open the article").first.click()
    expect(page.get_by_role("textbox", name="Answer")).to_have_value(re.compile("14 days"))
    expect(page.get_by_role("textbox", name="Answer")).not_to_have_value(re.compile("Mira|Robin"))
    seen(page, "learning-proposal")
    page.get_by_role("button", name="Approve").click()
    outcome = page.get_by_test_id("outcome")
    for _ in range(90):
        if "It closed" in outcome.inner_text():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(outcome).to_contain_text("It closed 1 gap")
    seen(page, "learning-approved")

    document = mail_send(api, "ada.winter@example.net", "Renting", RENTING)
    assert document["status"] == "answered", document
    assert "14 days" in str(document)
