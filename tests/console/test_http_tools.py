"""HTTP tools in the console: defined, tried out, and never giving their secret away."""

import json
import re

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from agents.models import HttpTool, HttpToolEffect
from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.models import AuditEvent
from tests.agents.http_tools.company import ORDER, Company, company_running, tool_make
from tests.console.people import admin_make, consultant_make

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agents_httptool_add")
SECRET = "s3cret-of-the-shop"


@pytest.fixture
def company(settings):
    with company_running() as running:
        settings.OUTGOING_ALLOW = [running.host]
        yield running


@pytest.fixture
def boss(client):
    channels_ensure_defaults()
    user = admin_make()
    client.force_login(user)
    return user


def form(company: Company, **changes: str) -> dict[str, str]:
    values = {
        "name": "order_status",
        "title": "Order status",
        "description": "Where an order is.",
        "arguments": json.dumps(ORDER),
        "method": "GET",
        "url": f"http://{company.host}/orders/{{{{order}}}}?email={{{{server.email}}}}",
        "body": "",
        "allowed_hosts": company.host,
        "auth": "bearer",
        "auth_name": "",
        "secret": SECRET,
        "effect": "reads",
        "needs_verified": "on",
        "pick": "/order\n/status",
        "max_bytes": "16384",
        "timeout": "4",
    }
    return values | changes


def page(tool: HttpTool, action: str = "change") -> str:
    """As the console links to it: with the id quoted as Django's admin does."""
    if action == "try":
        return reverse("admin:agents_httptool_change", args=[quote(tool.pk)]).replace("/change/", "/try/")
    return reverse(f"admin:agents_httptool_{action}", args=[quote(tool.pk)])


def saved(response) -> bool:
    return response.status_code == 302


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


# --- Defining --------------------------------------------------------------------------------------------------------
def test_a_tool_is_defined_tried_and_switched_on(client, boss, company):
    assert saved(client.post(ADD, form(company, offered_in="channel:chat")))
    tool = HttpTool.objects.get()
    assert (tool.secret, tool.scopes, tool.enabled) == (SECRET, ["channel:chat"], False)
    assert "Try it" in client.get(page(tool)).content.decode()

    shown = client.post(page(tool, "try"), {"arguments": '{"order": "1042"}', "email": "efua@example.com"})
    text = shown.content.decode()
    assert "answered 200" in text
    assert "on its way" in text
    assert "pays late" not in text, "what was not picked the agent does not get"
    assert company.targets == ["/orders/1042?email=efua%40example.com"]
    assert company.calls[0].headers["authorization"] == f"Bearer {SECRET}"

    assert saved(client.post(page(tool), form(company, secret="", enabled="on")))
    tool.refresh_from_db()
    assert (tool.enabled, tool.secret) == (True, SECRET)
    actions = set(AuditEvent.objects.filter(object_id=tool.pk).values_list("action", "actor"))
    assert actions == {
        (action, f"user:{boss.pk}") for action in ("httptool.added", "httptool.changed", "http_tool.called")
    }


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"url": "https://169.254.169.254/{{order}}"}, "url", "private address"),
        ({"url": "not an address"}, "url", "whole address"),
        ({"arguments": "{"}, "arguments", "valid JSON"),
        ({"arguments": '{"type": "object", "properties": {}}'}, "url", "not among the arguments"),
        ({"secret": "two\r\nlines"}, "secret", "line breaks"),
        ({"secret": ""}, "auth", "needs a secret"),
        ({"timeout": "60"}, "timeout", "less than or equal to 10"),
        ({"name": "escalate"}, "name", "tool of its own"),
    ],
)
def test_a_mistake_is_shown_at_its_field(client, boss, company, changes, field, words):
    response = client.post(ADD, form(company, **changes))
    assert words in " ".join(errors(response)[field])
    assert not HttpTool.objects.exists()


# --- The secret ------------------------------------------------------------------------------------------------------
def test_the_secret_is_never_shown_again(client, boss, company):
    client.post(ADD, form(company))
    tool = HttpTool.objects.get()
    for url in (page(tool), page(tool, "try"), page(tool, "history"), reverse("admin:agents_httptool_changelist")):
        shown = client.get(url).content.decode()
        assert SECRET not in shown
        assert tool.sealed_secret not in shown
    refused = client.post(page(tool), form(company, name="escalate"))
    assert SECRET not in refused.content.decode(), "not even in a form that came back with errors"
    assert SECRET not in json.dumps(list(AuditEvent.objects.values("details")))


def test_a_secret_does_not_follow_an_address_to_another_host(client, boss, company):
    client.post(ADD, form(company))
    tool = HttpTool.objects.get()
    elsewhere = {"url": "https://evil.example/{{order}}", "allowed_hosts": "evil.example", "secret": ""}
    response = client.post(page(tool), form(company, **elsewhere))
    assert "another host" in " ".join(errors(response)["secret"])
    tool.refresh_from_db()
    assert company.host in tool.url
    assert saved(client.post(page(tool), form(company, **elsewhere | {"secret": "another"})))


def test_without_a_sign_in_no_secret_is_kept(client, boss, company):
    client.post(ADD, form(company))
    tool = HttpTool.objects.get()
    assert saved(client.post(page(tool), form(company, auth="none", secret="")))
    tool.refresh_from_db()
    assert tool.sealed_secret == ""


# --- Trying ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("arguments", ["{", "[]", '{"order": 7}', '{"order": "../x"}', "{}"])
def test_arguments_that_do_not_fit_are_told_and_not_sent(client, boss, company, arguments):
    tool = tool_make(company.host, save=True)
    shown = client.post(page(tool, "try"), {"arguments": arguments, "email": "a@example.com"})
    assert 'role="alert"' in shown.content.decode()
    assert not company.calls


def test_a_failure_is_shown_as_the_agent_would_read_it(client, boss, company):
    company.answers(404, {"detail": "<script>alert(1)</script>"})
    tool = tool_make(company.host, save=True)
    text = client.post(page(tool, "try"), {"arguments": '{"order": "1"}', "email": "a@example.com"}).content.decode()
    assert "answered 404" in text
    assert "knows nothing" in text
    assert "alert(1)" not in text


def test_what_a_service_says_is_shown_as_text(client, boss, company):
    company.answers(200, {"status": "<script>alert(1)</script>"})
    tool = tool_make(company.host, save=True)
    text = client.post(page(tool, "try"), {"arguments": '{"order": "1"}', "email": "a@example.com"}).content.decode()
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_a_tool_that_writes_says_so_before_it_is_tried(client, boss, company):
    tool = tool_make(company.host, save=True, method="POST", effect="writes")
    assert "really sends the request" in client.get(page(tool, "try")).content.decode()
    assert not company.calls


def test_the_form_begins_with_arguments_that_fit(client, boss, company):
    described = {
        "type": "object",
        "required": ["order"],
        "properties": {"order": {"type": "string", "examples": ["7"]}},
    }
    tool = tool_make(company.host, save=True, arguments=described)
    shown = client.get(page(tool, "try")).content.decode()
    assert re.search(r"&quot;order&quot;: &quot;7&quot;", shown)


# --- Who may ---------------------------------------------------------------------------------------------------------
def test_consultants_neither_see_nor_try_tools(client, company):
    tool = tool_make(company.host, save=True)
    client.force_login(consultant_make())
    for url in (reverse("admin:agents_httptool_changelist"), ADD, page(tool), page(tool, "try")):
        assert client.get(url).status_code == 403
    assert client.post(page(tool, "try"), {"arguments": '{"order": "1"}'}).status_code == 403
    assert not company.calls


def test_nobody_tries_a_tool_without_signing_in(client, company):
    tool = tool_make(company.host, save=True)
    assert client.post(page(tool, "try"), {"arguments": '{"order": "1"}'}).status_code == 302
    assert not company.calls


def test_a_tool_that_does_not_exist_leads_back_to_the_list(client, boss, company):
    tool = tool_make(company.host, save=True)
    url = page(tool, "try")
    tool.delete()
    assert client.get(url).status_code == 302


# --- What tools wrote ------------------------------------------------------------------------------------------------
def test_writes_of_unknown_outcome_can_be_looked_up_without_their_content(client, boss, company):
    tool = tool_make(company.host, save=True, method="POST", effect="writes")
    HttpToolEffect.objects.create(key="k" * 64, tool=tool, run_id="run_1", result={"note": "private"})
    rows = client.get(reverse("admin:agents_httptooleffect_changelist"), {"state__exact": "sent"}).content.decode()
    detail = client.get(reverse("admin:agents_httptooleffect_change", args=["k" * 64])).content.decode()
    assert "Outcome unknown" in rows
    assert "run_1" in rows
    assert "private" not in rows + detail
