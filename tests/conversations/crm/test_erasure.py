"""A customer has their data deleted: what the CRM has got from us about them goes there too."""

import pytest

from conversations.crm.sending import crm_case_retry, crm_cases_sweep
from conversations.erasure import customer_erase
from conversations.erasure.services import UNDER_WAY, erasures_sweep
from conversations.models import CrmCase, Erasure, Escalation, Identity
from tests.conversations.crm.conftest import case_of, make_due
from tests.conversations.crm.test_cases import escalate

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = "customer:test"


def test_the_case_is_emptied_and_closed_and_keeps_its_number(salesforce, org, conversation):
    Identity.objects.create(customer=conversation.customer, kind="account", value="OE-1")
    org.accounts["OE-1"] = ["001ACCOUNT00000001"]
    escalation = escalate(conversation)
    Escalation.objects.filter(pk=escalation.pk).update(packet={**escalation.packet, "summary": "Efua owes 50."})
    from conversations.crm.noting import case_note

    case_note(conversation.pk)
    before = dict(org.cases()[0])
    assert (before["Description"], before["AccountId"]) == ("Efua owes 50.", "001ACCOUNT00000001")
    customer_erase(customer=conversation.customer, actor=ACTOR)
    [case] = org.cases()
    assert (case["Id"], case["Status"], case["Description"], case["AccountId"]) == (before["Id"], "Closed", None, None)
    assert "Efua" not in str(case)
    assert case_of(conversation).state == "synced"


def test_an_error_that_was_kept_is_forgotten(salesforce, org, conversation):
    org.objects["Case"]["Subject"] = 5
    escalate(conversation)
    customer_erase(customer=conversation.customer, actor=ACTOR)
    assert "Fields: Subject" in case_of(conversation).last_error  # of the emptied case, not of the earlier one


def test_a_crm_that_is_away_is_told_later(salesforce, org, conversation):
    escalate(conversation)
    salesforce.answer_all(500, [])
    customer_erase(customer=conversation.customer, actor=ACTOR)
    salesforce.recover()
    make_due()
    crm_cases_sweep()
    assert org.cases()[0]["Status"] == "Closed"


def test_a_case_that_was_never_sent_is_forgotten(salesforce, org, conversation, settings, monkeypatch):
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)
    escalate(conversation)
    customer_erase(customer=conversation.customer, actor=ACTOR)
    assert not CrmCase.objects.exists()
    assert org.cases() == []


def test_the_second_look_asks_for_nothing_new(salesforce, org, conversation):
    escalate(conversation)
    customer_erase(customer=conversation.customer, actor=ACTOR)
    asked = len(org.calls)
    Erasure.objects.update(erased_at=Erasure.objects.get().erased_at - 2 * UNDER_WAY)
    erasures_sweep()
    assert len(org.calls) == asked
    assert case_of(conversation).state == "synced"


ARRIVED = {"state": "pending", "remote_id": "", "url": "", "tries": 1, "last_error": "x", "synced_at": None}


def arrived_without_an_answer(conversation, monkeypatch):
    """The case is there, but nobody told us; and no worker comes for a while."""
    escalate(conversation)
    CrmCase.objects.update(**ARRIVED, synced_hash="")
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)


def test_a_case_that_may_have_arrived_is_emptied_after_send_again(salesforce, org, conversation, monkeypatch):
    arrived_without_an_answer(conversation, monkeypatch)
    crm_case_retry(case=case_of(conversation), actor="user:1")
    customer_erase(customer=conversation.customer, actor=ACTOR)
    make_due()
    crm_cases_sweep()
    assert org.cases()[0]["Status"] == "Closed"


def test_the_second_look_forgets_no_case_that_may_have_arrived(salesforce, org, conversation, monkeypatch):
    arrived_without_an_answer(conversation, monkeypatch)
    customer_erase(customer=conversation.customer, actor=ACTOR)
    Erasure.objects.update(erased_at=Erasure.objects.get().erased_at - 2 * UNDER_WAY)
    erasures_sweep()
    make_due()
    crm_cases_sweep()
    assert org.cases()[0]["Status"] == "Closed"
