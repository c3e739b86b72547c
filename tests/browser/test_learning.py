"""What consultants teach: comparisons in the shadow, sliders that move figures, an article that answers what was a gap.

The `device` fixture fails a test when a page logs an error or breaks the content security policy.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import screenshot
from tests.browser.test_console import log_in
from tests.browser.test_explorer import inline_styles

pytestmark = [pytest.mark.browser, pytest.mark.process]
RENTING = "Do you rent out furniture for a film shoot?"


def seen(page: Page, name: str) -> None:
    """Looked at in light and dark, wide and narrow: kept as pictures, without grave barriers, nothing runs out."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()  # the console chooses its colours when it loads
        for width, height in ((1440, 900), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            screenshot(page, f"{name}-{scheme}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (scheme, width)
        assert inline_styles(page) == []  # first: looking for barriers leaves empty ones behind
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


def figure(page: Page, name: str) -> str:
    return page.locator(f'[data-figure="{name}"] [data-part="value"]').inner_text()
