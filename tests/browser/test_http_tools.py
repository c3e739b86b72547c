"""An admin connects the example's order service in a real Chromium, as its README says."""

import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import screenshot
from tests.browser.test_console import log_in
from tests.running import ROOT, RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]

FOLDER = ROOT / "integrations" / "order-status"
TOKEN = "a token of the shop"


@pytest.fixture
def shop(running_system: RunningSystem) -> Iterator[str]:
    """The order service, on the port that this installation may reach; yields host:port."""
    server = service_module().OrderServer(running_system.callback_port, TOKEN)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.1:{running_system.callback_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def service_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("order_status", FOLDER / "order_status.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_admin_connects_an_order_service_and_tries_it(device, running_system, shop):
    page = log_in(device, running_system, "admin")
    page.get_by_role("link", name="HTTP tools").click()
    page.goto("/admin/agents/httptool/add/")
    wanted = json.loads((FOLDER / "order_status.json").read_text().replace("127.0.0.1:8090", shop))
    for label, value in {
        "Name": wanted["name"],
        "Title": wanted["title"],
        "Description": wanted["description"],
        "Arguments": json.dumps(wanted["arguments"]),
        "Address": "https://" + wanted["url"].removeprefix("http://"),
        "Allowed hosts": "shop.example",
        "Secret": TOKEN,
        "Pick": wanted["pick"],
    }.items():
        page.get_by_label(label, exact=False).first.fill(value)
    page.get_by_label("Sign-in").select_option("bearer")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text(f"The address goes to {shop}, which is not named here. Add it.")).to_be_visible()
    page.get_by_label("Allowed hosts").fill(shop)
    page.get_by_label("Address").fill(wanted["url"])
    page.get_by_label("Secret").fill(TOKEN)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert TOKEN not in page.content()

    page.get_by_role("link", name="Try it").click()
    page.get_by_label("{{server.email}}").fill("amelia.hart@example.com")
    page.get_by_role("button", name="Try it").click()
    result = page.get_by_test_id("result")
    expect(result).to_contain_text("answered 200")
    expect(result).to_contain_text('"status": "on its way"')
    screenshot(page, "console-http-tool")

    page.get_by_label("{{server.email}}").fill("priya.raman@example.org")
    page.get_by_role("button", name="Try it").click()
    expect(result).to_contain_text(re.compile("answered 404.*knows nothing under these arguments", re.DOTALL))
