"""How long a customer looks at nothing: first paint of the chat page on a slow line, and how soon typed words show.

    .venv/bin/python benchmarks/chat_page.py --url http://localhost:8000/chat/new/

Against a running system, in the browser the tests use. Lines are throttled by the browser's debugger, each time with an
empty cache: "fast 3G" as WebPageTest has it (1.6 Mbit/s down, 150 ms a round trip) and as Chrome's own tools have it,
which add up to 562 ms to every request.
"""

import argparse
import gzip
import os
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
LINES = {"fast 3G (WebPageTest)": (1600, 768, 150), "fast 3G (Chrome)": (1440, 675, 562)}
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_SHOWN = """() => new Promise(done => {
  const field = document.getElementById("text");
  field.value = "Is anybody there?";
  const start = performance.now();
  field.form.requestSubmit();
  requestAnimationFrame(() => requestAnimationFrame(() =>
    done(document.querySelector(".is-sending, .from-customer") ? performance.now() - start : Infinity)));
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:8000/chat/new/")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in (ROOT / "static" / "chat").glob("*.js")}
    print(f"JavaScript, gzipped: {sum(sizes.values()) / 1000:.1f} KB in {len(sizes)} modules (limit 60 KB)")
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, line in LINES.items():
            paints = [paint(browser, options.url, line) for _ in range(options.times)]
            print(f"first paint, {name}: median {statistics.median(paints):.0f} ms, worst {max(paints):.0f} ms")
        print(f"typed words shown after {shown(browser, options.url):.0f} ms, whatever the line")
        browser.close()


def paint(browser: Browser, url: str, line: tuple[int, int, int]) -> float:
    """Milliseconds from the request to the first contentful paint, in a browser that was never here."""
    page = browser.new_context().new_page()
    throttle(page, line)
    page.goto(url)  # until everything is loaded, long after the first paint
    took: float = page.evaluate(_PAINT)
    page.context.close()
    return took


def throttle(page: Page, line: tuple[int, int, int]) -> None:
    """`line` is kbit/s down, kbit/s up, and milliseconds each request takes longer."""
    down, up, latency = line
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"downloadThroughput": down * 125, "uploadThroughput": up * 125, "latency": latency}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})


def shown(browser: Browser, url: str) -> float:
    page = browser.new_context().new_page()
    page.goto(url)
    page.wait_for_selector("#text")
    page.wait_for_timeout(2000)
    took: float = page.evaluate(_SHOWN)
    page.context.close()
    return took


if __name__ == "__main__":
    main()
