"""An admin looks into a run, does it again, and sees what was different; an alert fires where people look.

The `device` fixture fails a test when a page logs an error or breaks the content security policy.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import mail_send, screenshot
from tests.browser.test_console import log_in

pytestmark = [pytest.mark.browser, pytest.mark.process]
QUESTION = "What does room delivery cost, and how long does it take?"


@pytest.fixture
def answered(api) -> dict:
    """A question by mail that the agent answered alone."""
    document = mail_send(api, "jonas.weber@example.net", "Room delivery", QUESTION)
    assert document["status"] == "answered", document
    return document


def inline_styles(page: Page) -> list[str]:
    """Elements of our part of the page that bring a style along; a library's own widgets aside."""
    return page.locator(".cq-case [style]").evaluate_all("found => found.map(one => one.outerHTML.slice(0, 120))")


def seen(page: Page, name: str) -> None:
    """Looked at in light and dark: kept as a picture, and without grave barriers."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()  # the console chooses its colours when it loads
        screenshot(page, f"{name}-{scheme}")
        assert barriers(page) == [], scheme
    page.emulate_media(color_scheme="light")


def test_a_run_is_found_looked_into_and_done_again(device, running_system, answered, api):
    page = log_in(device, running_system, "admin")
    reference = api.get(f"/api/v1/conversations/{answered['conversation_id']}").json()["reference"]
    page.get_by_role("link", name="Runs").first.click()
    page.get_by_placeholder(re.compile("Reference|Type to search", re.IGNORECASE)).first.fill(reference)
    page.keyboard.press("Enter")
    row = page.locator("#result_list").get_by_role("row").filter(has_text=reference)
    expect(row).to_have_count(1)
    seen(page, "explorer-list")
    row.get_by_role("link").first.click()

    expect(page.get_by_test_id("decision")).to_have_text("Sent alone")
    assert inline_styles(page) == []
    _walk_with_the_keyboard(page)
    seen(page, "explorer-run")
    page.get_by_text("The same as a table").click()
    rows = page.get_by_test_id("steps-table").locator("tbody tr")
    expect(rows).to_have_count(page.locator(".cq-span").count())

    page.locator(".cq-links").get_by_role("link", name="Run it again").click()
    page.get_by_label("Threshold").fill("100")
    page.get_by_label("Model").select_option("local")
    seen(page, "explorer-replay-form")
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_test_id("difference")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("state")).to_have_text("Done")
    expect(page.get_by_test_id("difference")).to_contain_text("Threshold")
    assert inline_styles(page) == []
    seen(page, "explorer-difference")
    thread = api.get(f"/api/v1/conversations/{answered['conversation_id']}/messages").json()["messages"]
    assert [message["author"] for message in thread].count("assistant") == 1, "nobody was answered again"


def _walk_with_the_keyboard(page: Page) -> None:
    """From step to step with the arrows, into one with Enter."""
    retrieval = page.locator('.cq-span[data-kind="retrieval"]').first
    page.locator(".cq-span > summary").first.focus()
    lines = page.locator(".cq-span").count()
    for _ in range(lines):
        if retrieval.locator(":scope > summary").evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(retrieval.locator(".cq-passages li").first).to_be_visible()


def test_an_alert_is_where_people_look(device, running_system, answered):
    fired = running_system.manage(
        "shell",
        "-c",
        "from analytics.alerts.evaluating import rules_ensure; from analytics.models import Alert, AlertRule; "
        "rules_ensure(); AlertRule.objects.update(least_sample=10**6); "  # so that nothing ends it meanwhile
        "Alert.objects.create(rule_id='overdue_queue', value=9, worst=9, threshold=5, sample=9, "
        "words='9 escalations wait past their due time.')",
    )
    assert fired.returncode == 0, fired.stderr
    page = log_in(device, running_system, "admin")
    strip = page.get_by_test_id("alerts")
    expect(strip).to_contain_text("Overdue queue")
    seen(page, "alerts-home")
    strip.get_by_role("link").first.click()
    page.get_by_role("link", name="I take care").click()
    page.get_by_role("button", name="I take care").click()
    expect(page.get_by_text("You take care of this alert.")).to_be_visible()
    seen(page, "alerts-one")
    for title, name in (("Alert rules", "alerts-rules"), ("Alert receivers", "alerts-receivers")):
        page.get_by_role("link", name=title).first.click()
        expect(page.locator("#changelist")).to_be_visible()
        seen(page, name)
