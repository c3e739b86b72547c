"""The demo's shop: its token is one we believe, its policy is the one the documentation names."""

import importlib.util
import re
import sys

import pytest

from conversations.widget.claims import claims_read
from tests.running import ROOT

FOLDER = ROOT / "integrations" / "widget"
KEY, SECRET = "pk_aaaaaaaaaaaaaaaaaaaaaaaa", "wsk_a-secret-of-the-demo-with-many-characters"


def module(name):
    spec = importlib.util.spec_from_file_location(f"widget_demo_{name}", FOLDER / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_the_token_of_the_example_is_believed():
    customer = {"sub": "1001", "email": "amelia.hart@example.com", "name": "Amelia Hart"}
    token = module("sign").token_sign(customer, widget_key=KEY, widget_secret=SECRET)
    claims = claims_read(token, audience=KEY, secrets=[SECRET])
    assert (claims.subject, claims.email, claims.name) == ("1001", "amelia.hart@example.com", "Amelia Hart")
    assert token != module("sign").token_sign(customer, widget_key=KEY, widget_secret=SECRET), "each has its own jti"


def test_the_page_needs_no_more_than_two_directives_for_the_widget():
    policy = module("serve").policy("https://chat.example.com")
    named = {part.split()[0] for part in policy.split("; ") if "https://chat.example.com" in part}
    assert named == {"script-src", "frame-src"}
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", (FOLDER / "index.html").read_text())


@pytest.mark.parametrize("name", ["open", "close", "identify", "logout", "on", "off", "destroy", "toggle"])
def test_every_call_is_documented_and_there(name):
    assert f"`{name}(" in (ROOT / "docs" / "widget.md").read_text()
    assert re.search(rf"\b{name}\b", (ROOT / "static" / "widget" / "v1.js").read_text().split("const api = {")[1])


def test_every_event_is_documented():
    script = (ROOT / "static" / "widget" / "v1.js").read_text()
    events = set(re.findall(r'emit\("(\w+)"', script)) | {"identified", "loggedout"}
    documented = set(
        re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| `.*$", (ROOT / "docs/widget.md").read_text(), re.M)))
    )
    assert events <= documented
