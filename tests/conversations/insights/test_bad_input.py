"""What is refused, by which name, and that nothing is stored then."""

from typing import Any

import pytest

from conversations.models import Insight
from tests.api import ApiClient, problem_of
from tests.conversations.insights.asking import INSIGHTS, Caller

REQUEST = {"account_number": "HH-10001", "contact_id": "contact-1"}
NUL, SURROGATE = "a\x00b", "\ud800"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"account_number": None}, "account_number"),
        ({"account_number": ""}, "account_number"),
        ({"account_number": "1" * 321}, "account_number"),
        ({"account_number": NUL}, "account_number"),
        ({"account_number": SURROGATE}, "account_number"),
        ({"account_number": "кириллица"}, "account_number"),
        ({"account_number": 10001}, "account_number"),
        ({"contact_id": None}, "contact_id"),
        ({"contact_id": " "}, "contact_id"),
        ({"contact_id": "c" * 201}, "contact_id"),
        ({"contact_id": ["c"]}, "contact_id"),
        ({"unique_process_id": "p" * 201}, "unique_process_id"),
        ({"unique_process_id": NUL}, "unique_process_id"),
        ({"initial_contact_id": {"id": 1}}, "initial_contact_id"),
        ({"ivr_intent": "i" * 201}, "ivr_intent"),
        ({"ivr_intent": 7}, "ivr_intent"),
        ({"max_history_days": 0}, "max_history_days"),
        ({"max_history_days": 3651}, "max_history_days"),
        ({"max_history_days": "ninety"}, "max_history_days"),
        ({"max_history_days": True}, "max_history_days"),
        ({"max_history_days": 1.5}, "max_history_days"),
        ({"max_interactions": 0}, "max_interactions"),
        ({"max_interactions": 101}, "max_interactions"),
        ({"max_interactions": 10**30}, "max_interactions"),
        ({"channel_filter": 5}, "channel_filter"),
        ({"channel_filter": {"channel": "voice"}}, "channel_filter"),
        ({"channel_filter": ["voice", 5]}, "channel_filter"),
        ({"channel_filter": ["voice", ""]}, "channel_filter"),
        ({"channel_filter": "voice,,chat"}, "channel_filter"),
        ({"channel_filter": ["v"] * 21}, "channel_filter"),
        ({"channel_filter": "v" * 81}, "channel_filter"),
        ({"channel_filter": ["a\nb"]}, "channel_filter"),
        ({"account": "HH-10001"}, "account"),
    ],
    ids=str,
)
def test_a_field_out_of_bounds_is_named(crm: Caller, fields: dict[str, Any], param: str) -> None:
    problem = problem_of(crm.api.post(INSIGHTS, REQUEST | fields))
    assert (problem["status"], problem["param"]) == (400, param)
    assert not Insight.objects.exists()


@pytest.mark.parametrize(
    ("fields", "param"), [({"account_number": "1"}, "contact_id"), ({"contact_id": "c"}, "account_number")], ids=str
)
def test_a_field_that_must_be_there_is_named(crm: Caller, fields: dict[str, Any], param: str) -> None:
    assert problem_of(crm.api.post(INSIGHTS, fields))["param"] == param


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"\xff", 400),
        (b'{"contact_id": 1, "contact_id": 2}', 400),
        (b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}", 400),
        (b" " * 70_000, 413),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_body_that_is_no_request_is_a_problem(crm: Caller, raw: bytes, status: int) -> None:
    assert problem_of(crm.api.post(INSIGHTS, raw=raw))["status"] == status


def test_what_is_no_json_is_refused_by_its_type(crm: Caller) -> None:
    answer = crm.api.post(INSIGHTS, raw=b"account_number=1", content_type="application/x-www-form-urlencoded")
    assert problem_of(answer)["status"] == 415


def test_other_methods_are_refused(crm: Caller) -> None:
    answer = crm.api.get(INSIGHTS)
    assert (problem_of(answer)["status"], answer["Allow"]) == (405, "POST")


def test_invisible_characters_in_an_intent_are_mended(crm: Caller) -> None:
    insight = crm.insight(ivr_intent=" refund\x00\u200b\n please ")
    assert insight.ivr_intent == "refund please"


class TestPermission:
    def test_without_a_token_the_call_is_challenged(self, crm: Caller) -> None:
        answer = crm.api._http.post(INSIGHTS, REQUEST, content_type="application/json")
        assert (problem_of(answer)["status"], answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')

    def test_an_expired_token_is_a_401(self, crm: Caller) -> None:
        assert problem_of(ApiClient(expired=True).post(INSIGHTS, REQUEST))["code"] == "invalid_token"

    def test_another_scope_is_a_403_that_names_the_missing_one(self, crm: Caller) -> None:
        answer = ApiClient(["queries:write"]).post(INSIGHTS, REQUEST)
        assert problem_of(answer)["status"] == 403
        assert 'scope="insights:read"' in answer["WWW-Authenticate"]


class TestIdempotencyKey:
    def test_the_same_request_gets_the_same_answer(self, crm: Caller) -> None:
        first = crm.ask(headers={"Idempotency_Key": "key-1"})
        again = crm.ask(headers={"Idempotency_Key": "key-1"})
        assert again.json() == first.json()
        assert "Idempotent-Replayed" not in first
        assert again["Idempotent-Replayed"] == "true"
        assert Insight.objects.count() == 1

    def test_another_request_with_it_is_a_mismatch(self, crm: Caller) -> None:
        crm.ask(headers={"Idempotency_Key": "key-1"})
        problem = problem_of(crm.ask(headers={"Idempotency_Key": "key-1"}, max_interactions=3))
        assert (problem["status"], problem["code"]) == (422, "idempotency_mismatch")

    def test_a_malformed_one_is_refused(self, crm: Caller) -> None:
        assert problem_of(crm.ask(headers={"Idempotency_Key": "é"}))["param"] == "Idempotency-Key"
