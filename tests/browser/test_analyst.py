"""An admin asks for figures in a real Chromium: a dialogue, its charts, the chips, the files, in light and dark."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import screenshot
from tests.browser.test_console import log_in
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]


@pytest.fixture(scope="module", autouse=True)
def facts(running_system: RunningSystem) -> None:
    built = running_system.manage("facts_rebuild")
    assert built.returncode == 0, built.stderr


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".an-turn").first.locator("h3")).to_have_text(question)
    expect(page.locator(".an-turn[aria-busy]")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_dialogue_with_the_analyst(device, running_system, scheme):
    page = log_in(device, running_system, "admin")
    page.emulate_media(color_scheme=scheme)
    page.goto("/analytics/ask/")
    expect(page.get_by_label("Your question")).to_be_focused()
    screenshot(page, f"analyst-empty-{scheme}")
    assert barriers(page) == []

    ask(page, "Queries by channel in the last 30 days")
    newest = page.locator(".an-turn").first
    expect(newest.locator(".an-sentence")).to_contain_text("altogether")
    expect(newest.locator("canvas")).to_be_visible()
    expect(newest.locator("table tbody tr")).not_to_have_count(0)
    expect(newest.get_by_text("Messages of customers that want an answer")).to_be_visible()
    screenshot(page, f"analyst-bars-{scheme}")
    assert barriers(page) == []

    ask(page, "as a pie")
    expect(newest.get_by_label("Chart", exact=True)).to_have_value("pie")
    screenshot(page, f"analyst-pie-{scheme}")
    ask(page, "over time")
    expect(newest.locator("canvas")).to_be_visible()
    screenshot(page, f"analyst-line-{scheme}")

    newest.get_by_label("Split by").select_option("category")
    expect(page.locator(".an-turn[aria-busy]")).to_have_count(0)
    expect(newest.locator("th").nth(1)).to_have_text("Category")
    expect(newest.locator("h3")).to_contain_text("by category and day")
    newest.get_by_label("Compare", exact=True).select_option("previous_period")
    expect(newest.locator(".an-sentence")).to_contain_text("In the period before")
    newest.get_by_label("Add a filter on").select_option("channel")
    newest.get_by_label("is", exact=True).select_option(label="Website chat")
    expect(newest.locator(".an-filter")).to_contain_text("Channel is Website chat")
    screenshot(page, f"analyst-edited-{scheme}")
    newest.get_by_role("button", name=re.compile("Remove the filter")).click()
    expect(newest.locator(".an-filter")).to_have_count(0)

    ask(page, "How many unicorns came last week?")
    expect(newest.locator(".an-sentence")).to_contain_text("unicorns")
    expect(newest.locator("canvas")).to_have_count(0)
    screenshot(page, f"analyst-refused-{scheme}")
    assert barriers(page) == []
    newest.locator(".an-suggestion").first.click()
    expect(page.locator(".an-turn").first.locator("table").first).to_be_attached()


def test_csv_and_png(device, running_system):
    page = log_in(device, running_system, "admin")
    page.goto("/analytics/ask/?q=escalations+by+reason+in+the+last+30+days")
    turn = page.locator(".an-turn").first
    expect(turn.locator("canvas")).to_be_visible()
    with page.expect_download() as csv:
        turn.get_by_role("button", name="CSV").click()
    assert Path(csv.value.path()).read_text().startswith("Reason,Escalations")
    with page.expect_download() as png:
        turn.get_by_role("button", name="PNG").click()
    assert Path(png.value.path()).read_bytes().startswith(b"\x89PNG")


def test_answers_are_pinned_moved_shared_and_removed(device, running_system):
    page = log_in(device, running_system, "admin")
    page.goto("/analytics/ask/")
    for question in ("Queries by channel yesterday", "What was α last week?"):
        ask(page, question)
        page.locator(".an-turn").first.get_by_role("button", name="Pin to a dashboard").click()
        expect(page.locator(".an-turn").first.get_by_role("link", name="Pinned")).to_be_visible()
    page.locator(".an-turn").first.get_by_role("link", name="Pinned").click()

    titles = page.locator(".an-panel h2")
    expect(titles).to_have_text(["Queries, by channel", "α"])
    expect(page.locator(".an-pin").first).to_contain_text("Always")
    page.get_by_role("button", name="Move α up").click()
    expect(titles).to_have_text(["α", "Queries, by channel"])
    alpha = page.locator(".an-panel").first
    alpha.get_by_role("button", name="Share α").click()
    expect(alpha.locator(".an-pin")).to_contain_text("Shared")
    alpha.get_by_role("button", name="Follow the bar: α").click()
    expect(alpha.locator(".an-pin")).not_to_contain_text("Always")
    screenshot(page, "dashboard-pins")
    assert barriers(page) == []
    page.get_by_role("button", name="Remove α").click()
    expect(titles).to_have_text(["Queries, by channel"])
    page.get_by_role("button", name="Remove Queries, by channel").click()
    expect(page.get_by_text("Nothing is pinned yet")).to_be_visible()


def test_only_the_keyboard(device, running_system):
    page = log_in(device, running_system, "admin")
    page.goto("/analytics/ask/")
    page.keyboard.type("escalations by category this month")
    page.keyboard.press("Enter")
    turn = page.locator(".an-turn").first
    expect(turn.locator(".an-sentence")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Escalations by category")
    turn.get_by_label("Figure", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(turn.locator(".an-sentence")).not_to_contain_text("Escalations by category")


def test_no_code_is_compiled_by_what_is_ours(device, running_system):
    """Without unsafe-eval the charts are drawn as well: expressions are interpreted."""
    page = log_in(device, running_system, "admin")
    page.goto("/analytics/ask/")
    page.evaluate("() => { window.Function = () => { throw new Error('compiled') }; }")
    ask(page, "queries by day in the last 7 days")
    expect(page.locator(".an-turn canvas").first).to_be_visible()


def test_who_may_not_see_figures_is_told_so(device, running_system, complaints):
    page = log_in(device, running_system, "consultant")
    answer = page.goto("/analytics/ask/")
    assert answer.status == 403
    complaints.clear()  # the browser notes the 403
