"""Pages of ours that no other walk looks at with axe: by day and by night, without a grave barrier."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import screenshot
from tests.browser.test_case import address, editor, mail, sent
from tests.browser.test_console import log_in
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]


def looked_at(page: Page, name: str, where: str) -> dict[str, list[str]]:
    """What axe finds on the page at `where`, by day and by night."""
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(where)
        assert page.url.endswith(where), f"{name} leads to {page.url}"
        screenshot(page, f"barriers-{name}-{scheme}")
        if grave := barriers(page):
            found[f"{name}, {scheme}"] = grave
    return found


def test_the_pages_before_one_is_in(device, running_system):
    page = device.new_page()
    assert looked_at(page, "sign-in", "/admin/login/") == {}
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text(re.compile("correct username", re.IGNORECASE))).to_be_visible()
    assert barriers(page) == []


def test_a_case_while_its_reply_is_held_and_when_it_is_over(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    editor(page).fill("Your armchair comes on Friday.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    assert barriers(page) == []
    sent(page)
    assert looked_at(page, "case-over", address(document)) == {}


def test_pages_of_one_row(device, running_system):
    """What it holds and what an admin is led to from it: how it is embedded, tried, renewed, exported."""
    page = log_in(device, running_system, "admin")
    found: dict[str, list[str]] = {}
    for name, where in _led_to(running_system).items():
        found |= looked_at(page, name, where)
    assert found == {}


_ADDRESSES = """
import json
from django.urls import reverse
from agents.models import HttpTool
from analytics.models import Alert, AlertReceiver, AlertRule
from conversations.models import Conversation, Guide, Team, WidgetKey
from feedback.models import Judgement
from knowledge.models import Document
from oauth2_provider.models import Application
receiver, _ = AlertReceiver.objects.get_or_create(
    name="Operations", defaults={"kind": "webhook", "target": "https://ops.example.com/alerts", "enabled": False})
tool, _ = HttpTool.objects.get_or_create(
    name="stock_level", defaults={"title": "Stock", "description": "Asks how many are there."})
alert, _ = Alert.objects.get_or_create(
    rule=AlertRule.objects.first(), resolved_at=None, defaults={"value": 9, "worst": 9, "threshold": 5})
led = {
    "judgement": ("feedback_judgement_change", Judgement.objects.first()),
    "conversation": ("conversations_conversation_change", Conversation.objects.first()),
    "guide": ("conversations_guide_change", Guide.objects.first()),
    "team": ("conversations_team_change", Team.objects.first()),
    "receiver-secret": ("analytics_alertreceiver_secret_page", receiver),
    "alert": ("analytics_alert_change", alert),
    "alert-acknowledge": ("analytics_alert_acknowledge", alert),
    "tool-trial": ("agents_httptool_try_it", tool),
    "widget-embed": ("conversations_widgetkey_embed", WidgetKey.objects.first()),
    "client-access": ("oauth2_provider_application_access", Application.objects.first()),
    "document": ("knowledge_document_change", Document.objects.first()),
    "prompts": ("agents_run_prompts_page", None),
    "costs": ("common_attempt_costs_page", None),
}
found = {name: reverse(f"admin:{route}", args=[row.pk] if row else []) for name, (route, row) in led.items()}
print(json.dumps({**found, "export": reverse("learning:export")}))
"""


def _led_to(system: RunningSystem) -> dict[str, str]:
    done = system.manage("shell", "-c", _ADDRESSES)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().split("\n")[-1])
