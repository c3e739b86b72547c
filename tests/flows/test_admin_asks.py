"""Staff ask for figures on the channel `admin`: posted like any query, answered by engine and analyst."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from analytics.facts.services import facts_rebuild
from conversations.services.channels import channels_ensure_defaults
from tests.analytics.seeding import answered, asked
from tests.api import ApiClient

pytestmark = pytest.mark.django_db(transaction=True)
BOSS = "boss@example.com"


@pytest.fixture
def api() -> ApiClient:
    channels_ensure_defaults()
    User.objects.create_superuser("boss", email=BOSS, password="x")
    yesterday = timezone.now().replace(hour=9) - timedelta(days=1)
    for channel in ("outlook", "outlook", "chat"):
        answered(asked(yesterday, channel=channel))
    facts_rebuild()
    return ApiClient()


def send(
    api: ApiClient, message: str, *, user_id: str = BOSS, channel_id: str = "admin", **more: Any
) -> dict[str, Any]:
    body = {"channel_id": channel_id, "user_id": user_id, "message": message, **more}
    accepted = api.post("/api/v1/query", body)
    assert accepted.status_code == 202, accepted.content
    document: dict[str, Any] = api.get(f"/api/v1/queries/{accepted.json()['request_id']}").json()
    return document


def test_a_question_of_staff_gets_the_figure(api: ApiClient) -> None:
    document = send(api, "How many queries yesterday?")
    assert (document["status"], document["decision"]) == ("answered", "auto_send")
    assert ": 3." in document["reply"]["text"]
    assert document["model_used"] == "local-extractive"


def test_it_goes_on_from_the_question_before(api: ApiClient) -> None:
    first = send(api, "Hello, how many queries yesterday?")
    then = send(api, "by channel", conversation_id=first["conversation_id"])
    assert then["status"] == "answered"
    assert "Outlook e-mail (2" in then["reply"]["text"]


def test_what_is_not_known_is_said_and_goes_to_nobody(api: ApiClient) -> None:
    document = send(api, "How many unicorns live here?")
    assert document["status"] == "answered"
    assert "unicorns" in document["reply"]["text"]


def test_others_get_no_figure_there_and_staff_none_elsewhere(api: ApiClient) -> None:
    for document in (
        send(api, "How many queries yesterday?", user_id="robin@example.org"),
        send(api, "How many queries yesterday?", channel_id="outlook"),
    ):
        assert document["status"] != "answered"
        assert ": 3" not in str(document["reply"])
