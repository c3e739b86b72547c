"""Other systems tell of calls, visits and tasks: each is stored once, with the customer of its account."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from conversations.identity import identity_attach
from conversations.interactions.importing import ToldInteraction, interactions_import
from conversations.interactions.selectors import history_read
from conversations.models import Customer, Identity, Interaction
from omnicqm.common.models import AuditEvent
from tests.api import ApiClient, problem_of
from tests.conversations.people import customer_make

URL = "/api/v1/interactions"
MOST = 1_000


def call(number: int = 1, **changes: Any) -> dict[str, Any]:
    body = {
        "account_number": "AC-1001",
        "channel": "phone",
        "timestamp": "2026-11-18T09:12:00+01:00",
        "intent": "late_delivery",
        "detail": "Order 4471 has not come; a new date was promised.",
        "external_id": f"call-{number}",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


class TestStoring:
    def test_an_account_nobody_knows_makes_a_customer(self, api: ApiClient) -> None:
        answer = api.post(URL, [call(1), call(2), call(3, account_number="ac-1001 ")])
        assert (answer.status_code, answer.json()) == (200, {"accepted": 3, "duplicates": 0})
        account = Identity.objects.get(kind="account", value="AC-1001")
        assert account.verified_at is None
        assert Interaction.objects.filter(customer=account.customer, identity=account).count() == 3
        assert Customer.objects.count() == 1

    def test_a_known_account_keeps_its_customer(self, api: ApiClient) -> None:
        customer = customer_make()
        identity_attach(customer=customer, kind="account", value="AC-1001", source="test")
        api.post(URL, [call()])
        [event] = history_read(account_number="AC-1001", days=365, limit=10).events
        assert (event.channel, event.intent, event.author, event.external_id) == (
            *("phone", "late_delivery", "other"),
            "call-1",
        )
        assert event.at.isoformat() == "2026-11-18T08:12:00+00:00"
        assert Interaction.objects.get().customer == customer

    def test_again_adds_nothing_and_changes_nothing(self, api: ApiClient) -> None:
        api.post(URL, [call(1)])
        answer = api.post(URL, [call(1, detail="Something else"), call(2), call(2), call(1, channel="ivr")])
        assert answer.json() == {"accepted": 2, "duplicates": 2}
        assert Interaction.objects.get(channel="phone", external_id="call-1").detail.startswith("Order 4471")

    def test_an_idempotency_key_repeats_the_answer(self, api: ApiClient) -> None:
        first, again = (api.post(URL, [call()], Idempotency_Key="k-1") for _ in range(2))
        assert first.json() == again.json() == {"accepted": 1, "duplicates": 0}

    def test_text_is_cleaned_at_the_door(self, api: ApiClient) -> None:
        api.post(URL, [call(detail=" It came\x00 late. \ud800", intent="late\n delivery")])
        stored = Interaction.objects.get()
        assert (stored.intent, stored.detail[:13]) == ("late delivery", "It came late.")

    def test_the_audit_trail_counts_and_quotes_nothing(self, api: ApiClient) -> None:
        api.post(URL, [call(1), call(1)])
        event = AuditEvent.objects.get(action="interactions.imported")
        assert event.actor == f"client:{api.client_id}"
        assert event.details == {"accepted": 1, "duplicates": 1, "source": "api"}

    def test_a_full_list_takes_a_handful_of_queries(self, api: ApiClient, django_assert_max_num_queries: Any) -> None:
        rows = [call(number, account_number=f"AC-{number}") for number in range(MOST)]
        with django_assert_max_num_queries(25):
            assert api.post(URL, rows).json() == {"accepted": MOST, "duplicates": 0}


class TestBadInput:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"account_number": ...}, "account_number"),
            ({"account_number": "ümläut"}, "account_number"),
            ({"account_number": "x" * 400}, "account_number"),
            ({"account_number": 10417}, "account_number"),
            ({"channel": ""}, "channel"),
            ({"channel": "c" * 81}, "channel"),
            ({"channel": "pho\x00ne"}, "channel"),
            ({"timestamp": "yesterday"}, "timestamp"),
            ({"timestamp": "2026-11-18T09:12:00"}, "timestamp"),
            ({"timestamp": "2999-01-01T00:00:00Z"}, "timestamp"),
            ({"timestamp": None}, "timestamp"),
            ({"intent": "i" * 201}, "intent"),
            ({"detail": "d" * 20_001}, "detail"),
            ({"detail": ["a"]}, "detail"),
            ({"detail": " ", "intent": ""}, "detail"),
            ({"external_id": ...}, "external_id"),
            ({"external_id": ""}, "external_id"),
            ({"customer": "cus_1"}, "customer"),
        ],
    )
    def test_the_row_and_field_are_named_and_nothing_is_stored(
        self, api: ApiClient, wrong: dict[str, Any], field: str
    ) -> None:
        answer = api.post(URL, [call(1), call(2, **wrong)])
        problem = problem_of(answer)
        assert (answer.status_code, problem["param"]) == (400, f"[1].{field}")
        assert not Interaction.objects.exists()
        assert not Customer.objects.exists()

    @pytest.mark.parametrize("body", [{}, [], None, "text", [1], call(), [[call()]]])
    def test_what_is_no_list_of_interactions(self, api: ApiClient, body: Any) -> None:
        assert problem_of(api.post(URL, body))["status"] == 400

    def test_a_list_too_long(self, api: ApiClient) -> None:
        problem = problem_of(api.post(URL, [call(number) for number in range(MOST + 1)]))
        assert problem["status"] == 400
        assert "1000" in problem["detail"]

    def test_the_scope_is_needed(self, db: None) -> None:
        assert ApiClient(["queries:write"]).post(URL, [call()]).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_same_at_the_same_moment_are_stored_once() -> None:
    rows = [ToldInteraction(f"AC-{n % 3}", "phone", timezone.now(), "", "Called", f"call-{n}") for n in range(30)]

    def tell(turn: int) -> int:
        try:
            return interactions_import(told=rows[:: 1 if turn % 2 else -1], source="api", actor="client:x").accepted
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tell, range(4))) == 30
    assert (Interaction.objects.count(), Customer.objects.count(), Identity.objects.count()) == (30, 3, 3)
