"""Runs that use an admin's tools: from the customer's question to a reply that rests on what a system said."""

from typing import Any

import pytest

from agents.blocks import blocks_parse
from agents.journal import Journal
from agents.models import HttpTool
from agents.providers.base import Purpose
from agents.types import Blocker, Decision, Tool
from tests.agents.http_tools.company import ORDER
from tests.agents.scripted import ScriptedModel, assessment, call

pytestmark = pytest.mark.django_db

EFUA = {"sender_verified": True, "variables": {"email": "efua@example.com", "customer_id": "cus_1"}}
ASKED = [call("order_status", order="1042")]
REPLY = "Your order 1042 is on its way. It is expected on 2026-11-23. [1]"


@pytest.fixture
def model(use_model) -> ScriptedModel:
    """Looks the order up and answers from what it gets."""
    looked_up = assessment(account_matter=True, intent="order_status")
    return use_model(ScriptedModel(gather=[ASKED, "Enough."], assess=[looked_up], compose=[REPLY]))


def offered(model: ScriptedModel) -> list[str]:
    return [spec.name for spec in model.asked(Purpose.GATHER)[0].tools]


def result_of(model: ScriptedModel):
    """The block the model got back from its call."""
    [block] = blocks_parse(model.asked(Purpose.GATHER)[1].messages[-1].content[0].text)
    return block


def test_a_question_about_an_order_is_answered_from_the_companys_system(company, connect, model, run):
    connect(pick="/order\n/status\n/expected_on")
    result = run("Where is my order 1042?", **EFUA)
    assert (result.decision, result.reply_text) == (Decision.AUTO_SEND, REPLY)
    assert company.targets == ["/orders/1042?email=efua%40example.com"]
    [source] = result.sources
    assert (source.document_id, source.title) == ("tool:order_status", "Order status")
    assert source.quote == "order: 1042\nstatus: on its way\nexpected on: 2026-11-23"
    assert "pays late" not in result_of(model).text, "only what was picked"


def test_a_source_shows_the_customer_nothing_but_what_the_reply_tells(company, connect, model, run):
    connect()
    [source] = run("Where is my order 1042?", **EFUA).sources
    assert "on its way" in source.quote
    assert "pays late" not in source.quote


def test_the_model_never_sees_what_the_server_puts_in(company, connect, model, run):
    connect(auth="bearer", secret="s3cret")
    run("Where is my order 1042?", **EFUA)
    seen = repr(model.requests)
    assert "efua@example.com" not in seen
    assert "s3cret" not in seen
    assert company.host not in seen


def test_a_reply_that_says_more_than_the_system_did_goes_to_a_person(company, connect, model, run):
    connect()
    model.lines[Purpose.COMPOSE] = ["Your order 1042 is on its way. We refund you 50 dollars. [1]"]
    result = run("Where is my order 1042?", **EFUA)
    assert (result.decision, result.reply_text) == (Decision.ESCALATE, "")


def test_an_unverified_sender_reaches_no_system(company, connect, model, run):
    connect()
    result = run("Where is my order 1042?")
    assert (result.decision, company.calls) == (Decision.ESCALATE, [])
    assert "not verified" in result_of(model).text


def test_what_anybody_may_know_is_asked_for_anybody(company, connect, model, run):
    connect(url=f"http://{company.host}/orders/{{{{order}}}}", needs_verified=False)
    model.lines[Purpose.ASSESS] = [assessment()]
    assert run("Where is order 1042?").decision is Decision.AUTO_SEND
    assert company.targets == ["/orders/1042"]


def test_a_verified_customer_without_the_needed_fact_is_told_so(company, connect, model, run):
    connect()
    run("Where is my order?", sender_verified=True, variables={"customer_id": "cus_1"})
    assert not company.calls
    assert "email is not known for sure" in result_of(model).text


def test_a_system_that_is_down_leaves_the_answer_to_a_person(company, connect, model, run):
    connect()
    company.answers(500, {})
    model.lines[Purpose.ASSESS] = [assessment(support=0.0, cited=[])]
    assert run("Where is my order 1042?", **EFUA).decision is Decision.ESCALATE


def test_a_write_of_unknown_outcome_goes_to_a_person(company, connect, model, run):
    connect(method="POST", effect="writes", body={"order": "{{order}}"})
    company.answers(500, {})
    result = run("Cancel order 1042.", **EFUA)
    assert (result.decision, result.blockers) == (Decision.ESCALATE, (Blocker.TOOL_FAILED,))


def test_two_runs_on_one_message_write_once(company, connect, model, run):
    connect(method="POST", effect="writes", body={"order": "{{order}}"})
    for _ in range(2):
        model.lines[Purpose.GATHER] = [ASKED, "Enough."]
        assert run("Cancel order 1042.", origin="qry_1", **EFUA).decision is Decision.AUTO_SEND
    assert len(company.calls) == 1


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize(
    ("moment", "calls", "decision"),
    [
        ("agents.http_tools.services._send", 0, Decision.ESCALATE),  # noted that it is sent, and not sent
        ("agents.http_tools.services._written", 1, Decision.ESCALATE),  # sent, and its outcome not noted
        ("agents.journal.Journal.keep", 1, Decision.AUTO_SEND),  # its outcome noted, but not in the journal
    ],
)
def test_a_worker_that_is_killed_around_a_write_never_writes_twice(
    company, connect, model, run, monkeypatch, moment, calls, decision
):
    """Who does not know whether it happened asks a person."""
    connect(method="POST", effect="writes")
    keep = Journal.keep

    def killed(*arguments: Any, **_: Any) -> None:
        if moment.endswith("keep") and arguments[1].startswith("model:"):
            return keep(*arguments)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(moment, killed)
        with pytest.raises(Killed):
            run("Where is my order 1042?", origin="qry_1", **EFUA)
    result = run("Where is my order 1042?", origin="qry_1", **EFUA)
    assert (len(company.calls), result.decision) == (calls, decision)


@pytest.mark.parametrize(
    ("fields", "is_offered"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"scopes": ["channel:test", "channel:chat"]}, True),
        ({"scopes": ["channel:chat"]}, False),
    ],
)
def test_a_tool_is_offered_where_its_admin_says(connect, model, run, fields, is_offered):
    connect(**fields)
    run("Where is my order 1042?", **EFUA)
    assert ("order_status" in offered(model)) is is_offered


def test_a_name_that_is_taken_later_stops_no_run(connect, company, model, run):
    connect()
    ours = Tool("order_status", "Ours.", ORDER, lambda order: {"order": order}, citable=True)
    run("Where is my order 1042?", tools=(ours,), **EFUA)
    assert offered(model).count("order_status") == 1
    assert not company.calls


def test_the_embedded_engine_leaves_tools_alone_that_it_does_not_know(company, connect, run, know):
    know("# Opening hours\n\nWe open at 9 and close at 18 o'clock.\n")
    connect(name="order_cancel", effect="writes", method="POST", body={"order": "{{order}}"})
    connect(name="opening_hours", url=f"http://{company.host}/{{{{order}}}}", needs_verified=False)
    assert run("When do you open?", **EFUA).decision is Decision.AUTO_SEND
    run("Cancel my order 1042.", **EFUA)
    assert not company.calls
    assert HttpTool.objects.count() == 2
