"""The recipe of docs/adding-a-channel.md, followed to the letter."""

import json
import re
import sys
import types
from pathlib import Path

import pytest

from conversations.models import Channel, Identity, Message
from omnicqm.common.services import api_client_create

pytestmark = pytest.mark.django_db

RECIPE = (Path(__file__).resolve().parent.parent.parent / "docs" / "adding-a-channel.md").read_text()
KNOWN_KIND, NEW_KIND = RECIPE.split("## A new kind of channel")


def code(section: str) -> str:
    [block] = re.findall(r"^( *)```python\n(.*?)^\1```", section, re.DOTALL | re.MULTILINE)
    return re.sub(rf"^{block[0]}", "", block[1], flags=re.MULTILINE)


@pytest.fixture
def post(client):
    credentials = api_client_create(name="recipe")
    login = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    token = client.post("/oauth/token", {"grant_type": "client_credentials", **login}).json()["access_token"]

    def post(**body):
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/api/v1/query", body, content_type="application/json", headers=headers)

    return post


def test_a_new_channel_of_a_known_kind_is_a_row(post):
    exec(code(KNOWN_KIND))
    example = json.loads(re.search(r"-d '(\{.*?\})'", KNOWN_KIND, re.DOTALL)[1])

    answer = post(**example)

    assert answer.status_code == 202
    message = Message.objects.get(query=answer.json()["request_id"])
    assert (message.channel_id, message.text) == ("support-fr", example["message"])
    assert message.sender_verified
    assert message.sender.value == "ada.winter@example.com"


@pytest.fixture
def pager(settings, monkeypatch):
    """The adapter of the recipe as a module of its own, with its alias."""
    module = types.ModuleType("conversations.channels.pager")
    exec(code(NEW_KIND), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    backend = {"BACKEND": "conversations.channels.pager.PagerAdapter"}
    settings.CHANNEL_ADAPTERS = {**settings.CHANNEL_ADAPTERS, "pager": backend}
    return Channel.objects.create(id="pager-north", kind="pager", title="Pagers", reply_by="live")


def test_a_new_kind_is_an_adapter_and_an_alias(post, pager):
    answer = post(channel_id="pager-north", user_id="+12065550199", message="WHERE IS MY SOFA STOP", external_id="p-1")

    assert answer.status_code == 202
    message = Message.objects.get(query=answer.json()["request_id"])
    assert message.text == "Where is my sofa."
    assert message.raw_text == "WHERE IS MY SOFA STOP"
    assert (message.sender.kind, message.sender.value) == (Identity.Kind.PHONE, "+12065550199")


def test_what_the_adapter_refuses_is_named_to_the_caller(post, pager):
    answer = post(channel_id="pager-north", user_id="somebody", message="HELLO")
    assert answer.status_code == 400
    assert answer.json()["param"] == "user_id"
