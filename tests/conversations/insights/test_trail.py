"""Every answer leaves a row in the audit trail that says which client was told of which customer."""

from typing import Any

import pytest

from conversations.models import Identity
from omnicqm.common.models import AuditEvent
from omnicqm.common.services.audit_chain import audit_seal, audit_verify
from tests.api import ApiClient
from tests.conversations.insights.asking import ACCOUNT, DAMAGED_SOFA, Caller


def rows() -> list[tuple[str, str, str, Any]]:
    events = AuditEvent.objects.filter(action="insight.told").order_by("id")
    return [(event.actor, event.object_type, event.object_id, event.details["insight"]) for event in events]


@pytest.fixture
def customer_id(crm: Caller) -> str:
    crm.happened()
    return Identity.objects.get(value=ACCOUNT).customer_id


def test_a_made_and_a_known_text_leave_a_row_each(crm: Caller, customer_id: str) -> None:
    other = Caller(ApiClient())
    made, known = crm.told(contact_id="call-1"), other.told(contact_id="call-2")
    assert (made["cache_hit"], known["cache_hit"]) == (False, True)
    assert rows() == [
        (f"client:{crm.api.client_id}", "customer", customer_id, made["request_id"]),
        (f"client:{other.api.client_id}", "customer", customer_id, known["request_id"]),
    ]


def test_of_an_account_that_nobody_has_the_insight_is_named(crm: Caller) -> None:
    told = crm.told(account="nobody-1")
    assert rows() == [(f"client:{crm.api.client_id}", "insight", told["request_id"], told["request_id"])]


@pytest.mark.parametrize(
    "named", [{"unique_process_id": "flow-1"}, {"headers": {"Idempotency-Key": "flow-1"}}], ids=("process", "key")
)
def test_the_same_request_again_is_told_again_and_noted_again(crm: Caller, customer_id: str, named: Any) -> None:
    first, again = crm.told(**named), crm.told(**named)
    assert again["request_id"] == first["request_id"]
    assert rows() == [(f"client:{crm.api.client_id}", "customer", customer_id, first["request_id"])] * 2


def test_who_was_refused_was_told_nothing(crm: Caller, customer_id: str) -> None:
    crm.told(unique_process_id="flow-1")
    assert crm.ask(unique_process_id="flow-1", contact_id="another").status_code == 409
    assert crm.ask(account="").status_code == 400
    assert len(rows()) == 1


def test_a_row_names_the_http_request_holds_no_word_and_joins_the_chain(crm: Caller, customer_id: str) -> None:
    crm.ask(headers={"X-Request-Id": "call-centre-17"})
    event = AuditEvent.objects.get(action="insight.told")
    assert event.correlation_id == "call-centre-17"
    assert DAMAGED_SOFA not in str(vars(event))
    assert ACCOUNT not in str(vars(event))
    audit_seal()
    assert audit_verify().findings == ()
