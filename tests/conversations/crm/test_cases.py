"""What consultants work on is a case in Salesforce: made once, kept as it stands, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conversations.answering import query_answer
from conversations.crm import sending
from conversations.crm.noting import case_note
from conversations.crm.selectors import crm_case_link, crm_state
from conversations.crm.sending import LEASE, crm_case_retry, crm_case_send, crm_cases_sweep
from conversations.escalations.services import escalation_claim, escalation_reply
from conversations.models import Conversation, CrmCase, Escalation, Identity
from omnicqm.common.models import AuditEvent
from tests.conversations.crm.conftest import case_of, make_due
from tests.conversations.people import conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)


def escalate(conversation: Conversation, text: str = "Please let me speak with a person.") -> Escalation:
    query = query_make(conversation, text, subject="My loan")
    query_answer(query_id=query.pk)
    return Escalation.objects.get(query=query)


def test_a_message_that_needs_a_person_becomes_a_case(salesforce, org, conversation, settings):
    escalation = escalate(conversation)
    [case] = org.cases()
    conversation.refresh_from_db()
    assert case["OmniCQM_Id__c"] == conversation.pk
    assert case["Subject"].startswith(conversation.reference)
    assert (case["Status"], case["Origin"], case["OmniCQM_Consultant__c"]) == ("New", "Email", None)
    assert (
        case["OmniCQM_Link__c"] == f"{settings.OMNICQM_BASE_URL}/admin/conversations/escalation/{escalation.pk}/change/"
    )
    ours = case_of(conversation)
    assert (ours.state, ours.remote_id, ours.tries, ours.last_error) == ("synced", case["Id"], 0, "")
    assert crm_case_link(conversation) == f"https://acme.my.salesforce.com/{case['Id']}"


def test_no_text_of_the_customer_goes_there_unless_asked_for(salesforce, org, conversation):
    escalate(conversation, "My secret word is Rumpelstilzchen, and I want a person.")
    [case] = org.cases()
    told = {name: value for name, value in case.items() if name != "Description"}
    assert "Rumpelstilzchen" not in str(told)
    assert "efua" not in str(case).lower()


def test_what_the_consultant_does_is_seen_there(salesforce, org, conversation, ama):
    escalation = escalate(conversation)
    escalation_claim(escalation=escalation, user=ama)
    [case] = org.cases()
    assert (case["Status"], case["OmniCQM_Consultant__c"]) == ("Working", "Ama Mensah")
    conversation.refresh_from_db()
    escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=conversation.last_seq)
    [case] = org.cases()
    assert case["Status"] == "Closed"
    escalate(conversation, "It happened again, a person please.")
    [case] = org.cases()
    assert case["Status"] == "New"


def test_without_a_crm_nothing_is_noted(conversation):
    escalate(conversation)
    assert not CrmCase.objects.exists()
    assert crm_case_link(conversation) is None
    assert crm_state().enabled is False
    assert crm_cases_sweep() == 0


def test_a_change_that_does_not_happen_is_not_noted(salesforce, org, conversation):
    escalate(conversation)
    before = case_of(conversation).version
    with transaction.atomic():
        case_note(conversation.pk)
        transaction.set_rollback(True)
    assert case_of(conversation).version == before
    assert len([call for call in org.calls if call[0] == "PATCH"]) == 1


def test_what_the_crm_knows_already_is_not_sent_again(salesforce, org, conversation):
    escalate(conversation)
    asked = len(org.calls)
    case_note(conversation.pk)
    assert case_of(conversation).state == "synced"
    assert len(org.calls) == asked


def test_the_account_is_linked_by_its_number(salesforce, org, conversation):
    Identity.objects.create(customer=conversation.customer, kind="account", value="OE-2'0671")
    org.accounts["OE-2'0671"] = ["001ACCOUNT00000001"]
    escalate(conversation)
    assert org.cases()[0]["AccountId"] == "001ACCOUNT00000001"


@pytest.mark.parametrize("found", [[], ["001ACCOUNT00000001", "001ACCOUNT00000002"]])
def test_without_one_account_of_that_number_the_link_is_left_to_people(salesforce, org, conversation, found):
    Identity.objects.create(customer=conversation.customer, kind="account", value="OE-1")
    org.accounts["OE-1"] = found
    escalate(conversation)
    assert "AccountId" not in org.cases()[0]


def test_a_worker_that_dies_before_the_answer_makes_no_second_record(salesforce, org, conversation, ama, monkeypatch):
    """The request had its effect; nobody of ours knows. After the lease the case is sent again, to the same record."""

    class Killed(BaseException):
        pass

    escalation = escalate(conversation)
    escalation_claim(escalation=escalation, user=ama)
    CrmCase.objects.update(state="pending", synced_hash="", remote_id="", synced_at=None)
    case = case_of(conversation)
    whole = sending._arrived

    def die(*_: Any) -> None:
        monkeypatch.setattr(sending, "_arrived", whole)
        raise Killed

    monkeypatch.setattr(sending, "_arrived", die)
    with pytest.raises(Killed):
        crm_case_send(case_id=case.pk)
    assert crm_cases_sweep() == 0  # somebody seems to be at it
    CrmCase.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert crm_cases_sweep() == 1
    assert (len(org.cases()), case_of(conversation).state) == (1, "synced")


def test_no_answer_is_not_known_to_be_a_failure_and_is_safe_to_repeat(salesforce, org, conversation, monkeypatch):
    monkeypatch.setattr("conversations.crm.salesforce.session.SECONDS", 0.5)
    arrived = Event()
    salesforce.after = lambda method, path: (arrived.wait(3), None)[1] if method == "PATCH" else None
    escalate(conversation)
    case = case_of(conversation)
    assert (case.state, case.remote_id, case.tries) == ("pending", "", 1)
    assert "No answer" in case.last_error
    assert len(org.cases()) == 1  # it did arrive
    arrived.set()
    salesforce.recover()
    make_due()
    assert crm_cases_sweep() == 1
    assert (len(org.cases()), case_of(conversation).remote_id) == (1, org.cases()[0]["Id"])


def test_two_workers_send_a_case_once(salesforce, org, conversation):
    escalate(conversation)
    CrmCase.objects.update(state="pending", synced_hash="")
    before, case, start = len(org.calls), case_of(conversation), Barrier(4)

    def send(_: int) -> bool:
        try:
            start.wait(5)
            return crm_case_send(case_id=case.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert [method for method, _ in org.calls[before:]] == ["PATCH"]


def test_what_changes_while_it_is_sent_is_sent_next(salesforce, org, conversation, ama):
    escalation = escalate(conversation)
    CrmCase.objects.update(state="pending", synced_hash="")
    under_way, changed = Event(), Event()

    def hold(method: str, path: str) -> None:
        under_way.set()
        changed.wait(5)

    salesforce.after = hold
    worker = Thread(target=lambda: (crm_case_send(case_id=case_of(conversation).pk), connection.close()))
    worker.start()
    assert under_way.wait(5)
    salesforce.after = lambda method, path: None
    escalation_claim(escalation=escalation, user=ama)  # its own task finds the case taken
    changed.set()
    worker.join(10)
    assert org.cases()[0]["Status"] == "Working"
    assert case_of(conversation).state == "synced"


def test_a_session_that_is_over_is_renewed_without_a_failed_try(salesforce, org, conversation, ama):
    escalation = escalate(conversation)
    org.sessions_end()
    escalation_claim(escalation=escalation, user=ama)
    assert org.cases()[0]["Status"] == "Working"
    assert case_of(conversation).state == "synced"


def test_wrong_credentials_are_one_clear_error_and_all_goes_on_after_the_repair(salesforce, org, conversation, caplog):
    org.client_secret = "rotated"
    escalate(conversation)
    others = [conversation_make(customer_make(f"c{n}@example.com")) for n in range(3)]
    for other in others:
        escalate(other)
    make_tokens = [call for call in org.calls if call[1].endswith("/token")]
    assert len(make_tokens) == 1  # whoever came second finds the door closed
    told = [record for record in caplog.records if record.name == "conversations.crm.sending"]
    assert len(told) == 1
    case = case_of(conversation)
    assert case.state == "pending"
    assert "refused our sign-in (invalid_client)" in case.last_error
    assert "_CLIENT_SECRET" in case.last_error
    assert (crm_state().pending, crm_state().last_error) == (4, case.last_error)
    org.client_secret = salesforce_secret()
    make_due()
    assert crm_cases_sweep() == 4
    assert len(org.cases()) == 4
    assert crm_state().pending == 0


def salesforce_secret() -> str:
    from tests.simulators.salesforce.org import CLIENT_SECRET

    return CLIENT_SECRET


def test_an_answer_to_a_customer_does_not_wait_for_a_crm_that_hangs(
    salesforce, org, conversation, monkeypatch, settings
):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    sent: list[Any] = []
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda name, *args: sent.append(name))
    salesforce.hang("POST", "GET", "PATCH")
    escalation = escalate(conversation)
    assert escalation.state == "open"
    assert org.calls == []
    assert "conversations.crm_case_send" in sent


def test_a_busy_crm_is_left_alone_as_long_as_it_asks(salesforce, org, conversation):
    salesforce.answer_all(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "x"}], Retry_After="300")
    escalate(conversation)
    case = case_of(conversation)
    assert (case.state, case.last_error) == ("pending", "Salesforce is busy (503).")
    assert case.due_at > timezone.now() + timedelta(seconds=290)
    other = conversation_make(customer_make("other@example.com"))
    before = len(org.calls)
    escalate(other)
    assert len(org.calls) == before
    salesforce.recover()
    crm_case_retry(case=case, actor="user:1")
    assert crm_cases_sweep() == 1
    assert {case["OmniCQM_Id__c"] for case in org.cases()} == {conversation.pk, other.pk}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (429, [{"errorCode": "TOO_MANY_REQUESTS"}], "busy (429)"),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED"}], "limit of requests a day"),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION"}], "failed (500 UNKNOWN_EXCEPTION)"),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY"}], "does not accept our set-up"),
        (400, [{"errorCode": "UNABLE_TO_LOCK_ROW"}], "has the record in use"),
        (401, [{"errorCode": "INVALID_SESSION_ID"}], "does not know us (401)"),
        (401, {"not": "a list"}, "makes no sense"),
        (302, b"", "makes no sense"),
        (200, b"<html>Maintenance</html>", "makes no sense"),
        (200, {"id": "../../evil", "success": True}, "makes no sense"),
        (200, b"x" * 300_000, "makes no sense"),
    ],
)
def test_whatever_else_it_answers_the_case_is_kept_and_tried_again(salesforce, org, conversation, status, body, said):
    location = {"Location": "https://elsewhere.example/"} if status == 302 else {}
    salesforce.answer_all(status, body, method="PATCH", **location)
    escalate(conversation)
    case = case_of(conversation)
    assert case.state == "pending"
    assert said in case.last_error
    assert len(org.calls) <= 6
    salesforce.recover()
    make_due()
    assert crm_cases_sweep() == 1
    assert case_of(conversation).state == "synced"


def test_a_sign_in_that_names_another_host_gets_no_token_of_ours(salesforce, org, conversation):
    salesforce.answer_all(
        200, {"access_token": "00Dtoken", "instance_url": "https://salesforce.com.evil.example"}, method="POST"
    )
    escalate(conversation)
    assert "host that is not its own" in case_of(conversation).last_error
    assert [call for call in org.calls if call[0] != "POST"] == []


def test_a_field_it_does_not_know_is_the_set_ups_fault_and_mended_there(salesforce, org, conversation):
    del org.objects["Case"]["OmniCQM_Link__c"]
    escalate(conversation)
    case = case_of(conversation)
    assert case.state == "pending"
    assert "does not accept our set-up (400 INVALID_FIELD)" in case.last_error
    org.objects["Case"]["OmniCQM_Link__c"] = 255
    make_due()
    crm_cases_sweep()
    assert case_of(conversation).state == "synced"


def test_a_value_it_does_not_take_is_named_without_being_repeated(salesforce, org, conversation, caplog):
    org.objects["Case"]["Subject"] = 5
    escalate(conversation)
    case = case_of(conversation)
    assert (case.state, case.remote_id) == ("failed", "")
    assert "(400 STRING_TOO_LONG). Fields: Subject." in case.last_error
    assert conversation.reference not in case.last_error + caplog.text
    make_due()
    assert crm_cases_sweep() == 0  # the same again would end the same
    org.objects["Case"]["Subject"] = 255
    crm_case_retry(case=case, actor="user:7")
    assert case_of(conversation).state == "synced"
    assert AuditEvent.objects.get(action="crm_case.retried").actor == "user:7"


def test_a_refused_case_is_sent_when_it_has_changed(salesforce, org, conversation, ama):
    org.objects["Case"]["Subject"] = 5
    escalation = escalate(conversation)
    org.objects["Case"]["Subject"] = 255
    escalation_claim(escalation=escalation, user=ama)
    assert (case_of(conversation).state, org.cases()[0]["Status"]) == ("synced", "Working")


def test_our_id_in_several_records_is_for_a_person(salesforce, org, conversation):
    twice = [{"Id": org.new_id(), "OmniCQM_Id__c": conversation.pk} for _ in range(2)]
    org.records["Case"] = list(twice)
    escalate(conversation)
    case = case_of(conversation)
    assert case.state == "failed"
    assert "OmniCQM_Id__c is in several records of Case: delete all but one" in case.last_error
    org.records["Case"].pop()
    crm_case_retry(case=case, actor="user:1")
    assert case_of(conversation).remote_id == twice[0]["Id"]


def test_a_record_that_was_deleted_there_is_made_again_and_the_link_follows(salesforce, org, conversation, ama):
    escalation = escalate(conversation)
    before = case_of(conversation).remote_id
    org.records["Case"].clear()
    escalation_claim(escalation=escalation, user=ama)
    case = case_of(conversation)
    assert case.remote_id == org.cases()[0]["Id"] != before
    assert crm_case_link(conversation) == f"https://acme.my.salesforce.com/{case.remote_id}"


def test_waits_grow_and_end_at_a_quarter_of_an_hour(salesforce, org, conversation):
    salesforce.answer_all(500, [], method="PATCH")
    escalate(conversation)
    waits = []
    for _ in range(7):
        waits.append(round((case_of(conversation).due_at - timezone.now()).total_seconds(), -1))
        make_due()
        crm_cases_sweep()
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_a_lease_outlasts_every_request_of_a_try():
    """A sign-in, the account, the case; and a session that is over, once, with the sign-in after it."""
    from conversations.crm.salesforce.session import SECONDS

    assert timedelta(seconds=SECONDS * 6) < LEASE
