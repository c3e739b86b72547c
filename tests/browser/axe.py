"""Barriers that axe-core finds in a page. It is injected by the browser's debugger: the page's own policy stays."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
GRAVE = ("serious", "critical")
_RUN = """async grave => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter(one => grave.includes(one.impact))
    .map(one => `${one.impact} ${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""


def barriers(page: Page) -> list[str]:
    """Every serious or critical finding, with the first elements it is about."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SOURCE.read_text(encoding="utf-8"))
    return page.evaluate(_RUN, list(GRAVE))
