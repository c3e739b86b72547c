"""The dashboards in a real Chromium, in light and dark: no complaint, no barrier, everything by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import mail_send, screenshot
from tests.browser.test_console import log_in

pytestmark = [pytest.mark.browser, pytest.mark.process]

NAMES = ["volume", "summaries", "performance", "cost", "pinned"]
LAPTOP = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def facts(running_system, api) -> None:
    """Something to see, at once: facts are renewed every half minute."""
    mail_send(api, "ina.vogel@example.org", "Returns", "How long do I have to return an unused item?")
    built = running_system.manage("facts_rebuild")
    assert built.returncode == 0, built.stderr


@pytest.fixture
def page(device, running_system, facts) -> Page:
    """An admin at a laptop."""
    page = log_in(device, running_system, "admin")
    page.set_viewport_size(LAPTOP)
    return page


def figures(page: Page, panel: str) -> list[str]:
    return page.locator(f"#rows-{panel} td:nth-child(2)").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_dashboard_looks_right_and_has_no_barriers(page, scheme):
    page.emulate_media(color_scheme=scheme)
    found = {}
    for name in NAMES:
        page.goto(f"/analytics/{name}/?compare=previous_period")
        expect(page.locator(".an-scripted")).to_be_visible()
        screenshot(page, f"dashboard-{name}-{scheme}")
        found[name] = barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        empty = page.locator("canvas").evaluate_all("all => all.filter(one => !one.width || !one.height).length")
        assert empty == 0
    assert found == {name: [] for name in NAMES}


def test_from_the_sidebar_to_a_figure_and_its_definition(page):
    page.goto("/admin/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#nav-sidebar-apps").get_by_role("link", name="Volume and α").click()
    expect(page).to_have_url(re.compile(r"/analytics/volume/$"))
    info = page.get_by_role("button", name="What α means", exact=True)
    tip = page.locator("#about-alpha").first
    expect(tip).to_be_hidden()
    page.locator(".an-tile[data-metric=queries] .an-info").focus()
    page.keyboard.press("Tab")
    expect(info).to_be_focused()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("share it resolved without a person")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_click_on_a_bar_filters_and_a_second_lets_go(page):
    page.goto("/analytics/volume/")
    canvas = page.locator("[data-panel=queries-by-channel] canvas")
    canvas.scroll_into_view_if_needed()
    first = page.locator("#rows-queries-by-channel a").first
    channel = first.inner_text()
    _click_first_bar(page, canvas)
    expect(page.locator(".an-chips")).to_contain_text(channel)
    expect(page).to_have_url(re.compile(r"\?channel="))
    assert page.locator("#rows-queries-by-channel tr").count() == 1
    _click_first_bar(page, page.locator("[data-panel=queries-by-channel] canvas"))
    expect(page.locator(".an-chips")).to_have_count(0)


def _click_first_bar(page: Page, canvas) -> None:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    bars = page.locator("#rows-queries-by-channel tr").count()
    with page.expect_navigation():
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + (box["height"] - 24) / bars / 2)


def test_a_table_in_place_of_its_chart_by_keyboard(page):
    page.goto("/analytics/volume/")
    panel = page.locator("[data-panel=queries]")
    table = panel.get_by_role("region", name="Queries over time, as a table")
    assert table.get_by_role("row").count() > 20  # is there for who reads the page aloud before it is shown
    assert table.bounding_box()["height"] <= 1
    panel.get_by_role("button", name="Table of Queries over time").press("Enter")
    expect(table).to_be_visible()
    assert table.bounding_box()["height"] > 100
    expect(panel.locator("canvas")).to_be_hidden()
    table.get_by_role("link").last.press("Enter")
    expect(page).to_have_url(re.compile(r"period=custom&from="))


def test_the_bar_by_keyboard(page):
    page.goto("/analytics/volume/")
    page.locator("summary", has_text="Channel").press("Enter")
    box = page.get_by_role("checkbox").first
    expect(box).to_be_focused()
    box.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("details[open]")).to_have_count(0)
    page.keyboard.press("Enter")
    page.locator("details[open] button").press("Enter")
    expect(page).to_have_url(re.compile(r"/\?channel=[\w-]+$"))
    page.locator(".an-tabs").get_by_role("link", name="Cost").click()
    expect(page).to_have_url(re.compile(r"/analytics/cost/\?channel="))


def test_what_the_address_says_wrongly_is_pointed_out(page):
    page.goto("/analytics/volume/?period=fortnight")
    expect(page.get_by_role("alert")).to_contain_text("There is no period “fortnight”")
    expect(page).to_have_url(re.compile(r"/analytics/volume/$"))


def test_the_file_is_the_table(page):
    page.goto("/analytics/volume/")
    shown = figures(page, "queries-by-channel")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of Queries by channel").click()
    lines = download.value.path().read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [figure.replace(",", "") for figure in shown]


def test_it_renews_itself_and_leaves_the_reader_alone(page, running_system, api):
    page.goto("/analytics/volume/?period=today")
    before = int(page.locator("#tile-queries .an-value").inner_text().replace(",", ""))
    page.get_by_role("button", name="Table of Queries over time").click()
    page.locator("#rows-queries-by-channel").scroll_into_view_if_needed()
    button = page.locator("[data-panel=queries-by-channel] [data-twin]")
    button.focus()
    place = page.evaluate("scrollY")
    mail_send(api, "otto.brandt@example.org", "Oil", "Which oil is right for an oak table?")
    assert running_system.manage("facts_rebuild").returncode == 0
    page.locator(".an-page").dispatch_event("an-renew")
    expect(page.locator("#tile-queries .an-value")).not_to_have_text(f"{before:,}")
    assert int(page.locator("#tile-queries .an-value").inner_text().replace(",", "")) > before
    expect(button).to_be_focused()
    assert page.evaluate("scrollY") == place
    expect(page.locator("[data-panel=queries] [data-twin]")).to_have_attribute("aria-pressed", "true")
    live = page.locator("[data-live-switch]")
    live.click()
    expect(live).to_have_text("Paused")
