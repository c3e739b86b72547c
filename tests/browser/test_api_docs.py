"""The page that shows the API to integrators, in a real browser."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import screenshot

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_the_page_shows_every_call_and_breaks_no_policy(device: BrowserContext) -> None:
    page = device.new_page()
    page.goto("/api/docs")
    expect(page.locator(".opblock-summary-path", has_text="/api/v1/query").first).to_be_visible(timeout=15_000)
    page.locator("#operations-queries-query_create, [id$='query_create']").first.click()
    expect(page.get_by_text("channel_id").first).to_be_visible()
    screenshot(page, "api-docs")
