"""An outsider asks for figures over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.facts.services import facts_rebuild
from conversations.services.channels import channels_ensure_defaults
from tests.analytics.seeding import answered, asked
from tests.api import ApiClient, problem_of

pytestmark = pytest.mark.django_db
ASK = "/api/v1/analytics/ask"


@pytest.fixture
def client() -> ApiClient:
    channels_ensure_defaults()
    yesterday = timezone.now().replace(hour=9) - timedelta(days=1)
    for channel in ("outlook", "outlook", "chat"):
        answered(asked(yesterday, channel=channel))
    facts_rebuild()
    return ApiClient(["analytics:read"])


def test_a_dialogue(client: ApiClient) -> None:
    first = client.post(ASK, {"question": "How many queries yesterday?"})
    assert first.status_code == 200
    told = first.json()
    assert {"answer", "table", "chart", "query", "definitions", "as_of"} <= set(told)
    assert told["table"]["rows"] == [[3]]
    assert told["chart"] is None
    assert set(told["query"]) == {"metric", "dimensions", "grain", "period", "compare", "filters", "top", "text"}
    assert told["query"]["metric"] == "queries"
    assert told["definitions"][0]["title"] == "Queries"
    assert told["as_of"]

    then = client.post(ASK, {"question": "by channel", "conversation": told["conversation"]}).json()
    assert then["table"]["rows"] == [["Outlook e-mail", 2], ["Website chat", 1]]
    assert then["chart"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert len(then["chart"]["data"]["values"]) == 2


def test_what_is_not_understood_is_a_200_with_a_reason_and_suggestions(client: ApiClient) -> None:
    answer = client.post(ASK, {"question": "How many unicorns live here?"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["table"], told["chart"], told["query"]) == (None, None, None)
    assert "unicorns" in told["answer"]
    assert told["suggestions"]
    assert client.post(ASK, {"question": told["suggestions"][0]}).json()["table"] is not None


def test_the_same_key_gets_the_same_answer(client: ApiClient) -> None:
    first = client.post(ASK, {"question": "queries yesterday"}, Idempotency_Key="one")
    again = client.post(ASK, {"question": "queries yesterday"}, Idempotency_Key="one")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"


def test_who_may_not_and_what_is_malformed(client: ApiClient) -> None:
    assert ApiClient(["queries:read"]).post(ASK, {"question": "queries"}).status_code == 403
    for body in (
        {},
        {"question": 7},
        {"question": "x", "sql": "SELECT 1"},
        [],
        {"question": "x", "conversation": "a\u0000"},
    ):
        answer = client.post(ASK, body)
        assert answer.status_code == 400, body
        problem_of(answer)
    assert client.post(ASK, {"question": "x" * 3000}).status_code == 413
