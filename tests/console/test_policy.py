"""What a page of the console may load and run, and that nothing comes from another host."""

import base64
import hashlib
import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.console.people import admin_make, escalation_make

pytestmark = pytest.mark.django_db

LOADING = re.compile(r"""<(?:script|link|img|iframe|source)[^>]+(?:src|href)=["']([^"']+)""")
OTHER_HOST = re.compile(r"(?:https?:)?//")


def policy(response):
    parts = (part.strip().split(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in parts}


def test_the_console_may_evaluate_expressions_and_style_inline_but_not_run_inline_scripts(client):
    console = policy(client.get(reverse("admin:login")))
    assert console["script-src"] == {"'self'", "'unsafe-eval'"}
    assert console["style-src"] == {"'self'", "'unsafe-inline'"}
    assert console["default-src"] == {"'none'"}
    assert console["frame-ancestors"] == {"'none'"}


def test_everywhere_else_the_policy_stays_strict(client):
    elsewhere = policy(client.get(reverse("chat:sign_in")))
    assert elsewhere["script-src"] == {"'self'"}
    assert elsewhere["style-src"] == {"'self'"}


def test_the_chat_brings_its_styles_along_and_its_policy_allows_them_alone(client):
    chat = client.get("/chat/")
    [style] = re.findall("<style>(.*?)</style>", chat.content.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy(chat)["style-src"] == {"'self'", f"'sha256-{digest}'"}
    assert policy(chat)["script-src"] == {"'self'"}


@pytest.mark.parametrize("name", ["admin:index", "admin:login", "queue:page", "admin:conversations_channel_add"])
def test_no_page_loads_anything_from_another_host(client, name):
    if name != "admin:login":
        client.force_login(admin_make())
    loaded = LOADING.findall(client.get(reverse(name)).content.decode())
    assert loaded
    assert not [address for address in loaded if OTHER_HOST.match(address)]


def test_the_escalation_page_has_no_inline_script_or_style(client):
    client.force_login(admin_make())
    shown = client.get(reverse("admin:conversations_escalation_change", args=[escalation_make().pk])).content.decode()
    case = shown[shown.index('class="cq-case"') :]
    assert " style=" not in case.partition("</aside>")[0]
    assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", shown)


@pytest.mark.parametrize("name", ["unfold/css/styles.css", "console/console.css", "unfold/fonts/inter/styles.css"])
def test_no_stylesheet_loads_anything_from_another_host(name):
    with open(finders.find(name)) as file:
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", file.read())
