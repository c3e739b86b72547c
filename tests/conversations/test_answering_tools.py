"""What the agent may do in a conversation: read the customer's threads and nobody else's, and promise follow-ups."""

import json
from datetime import date

import pytest

from agents.blocks import blocks_parse
from agents.tools import toolbox_build
from agents.types import RunRequest, Tool
from conversations.answering.request import request_build
from conversations.answering.tools import ToolScene, tools_build
from conversations.follow_ups.services import MAX_OPEN
from conversations.identity import customer_merge
from conversations.models import Conversation, Customer, FollowUp, Identity, Message
from conversations.services.messages import message_append
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.models import AuditEvent
from tests.agents.scripted import call
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db

SECRET = "CANARY-of-another-customer"


@pytest.fixture
def efua() -> Customer:
    return customer_make()


@pytest.fixture
def conversation(efua) -> Conversation:
    return conversation_make(efua, subject="A new table")


@pytest.fixture
def stranger() -> Conversation:
    other = conversation_make(customer_make("other@example.com", display_name="Other"), subject=SECRET)
    query_make(other, SECRET)
    return other


def box(conversation: Conversation, *, verified: bool = True, **of_run):
    conversation.refresh_from_db()
    scene = ToolScene(conversation, conversation.customer, conversation.last_seq, today=date(2026, 11, 20))
    return toolbox_build((), tools_build(scene), sender_verified=verified, **({"origin": "qry_1"} | of_run))


def used(toolbox, name: str, **arguments) -> tuple[str, str]:
    """Status and text of a call as the model gets it."""
    result = toolbox.run(call(name, **arguments))
    [block] = blocks_parse(result.text)
    return result.status, block.text


def read(toolbox, name: str, **arguments):
    status, text = used(toolbox, name, **arguments)
    assert status == "success", text
    return json.loads(text)


# --- Other conversations ---------------------------------------------------------------------------------------------
def test_the_customers_other_conversations_are_listed_with_what_tells_them_apart(efua, conversation, stranger):
    earlier = conversation_make(efua, subject="Missing screws", status="resolved")
    message = query_make(earlier, "Screws are missing.").message
    query_make(conversation, "Hello again.")
    assert read(box(conversation), "list_conversations")["conversations"] == [
        {
            "reference": earlier.reference,
            "subject": "Missing screws",
            "status": "resolved",
            "last_message_on": message.received_at.date().isoformat(),
        }
    ]


@pytest.mark.parametrize("spelled", [str, str.lower, lambda reference: f" {reference} "])
def test_one_of_them_is_read_by_its_reference(efua, conversation, spelled):
    earlier = conversation_make(efua, subject="Missing screws")
    query_make(earlier, "Screws are missing.")
    found = read(box(conversation), "read_conversation", reference=spelled(earlier.reference))
    assert (found["subject"], [said["text"] for said in found["messages"]]) == (
        "Missing screws",
        ["Screws are missing."],
    )


def test_another_customers_conversation_does_not_exist(conversation, stranger):
    query_make(conversation, "Hello.")
    theirs = used(box(conversation), "read_conversation", reference=stranger.reference)
    invented = used(box(conversation), "read_conversation", reference="CQ-0000-0000")
    assert theirs == invented == ("error", "This customer has no conversation with this reference.")
    for name in ("list_conversations", "get_conversation_history"):
        assert SECRET not in used(box(conversation), name)[1]


def test_a_customer_who_was_merged_has_the_threads_of_both(efua, conversation, stranger):
    customer_merge(customer=efua, absorbed=stranger.customer, actor="user:1")
    query = query_make(conversation, "Hello.")
    request = request_build(queries=[query], cancelled=lambda: False, on_sentence=None)
    [tool] = [tool for tool in request.tools if tool.name == "read_conversation"]
    assert tool.call(reference=stranger.reference)["subject"] == SECRET


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_conversations", {}),
        ("read_conversation", {"reference": "CQ-1"}),
        ("get_conversation_history", {}),
        ("get_customer_profile", {}),
    ],
)
def test_an_unverified_sender_learns_nothing_of_the_customer(conversation, name, arguments):
    query_make(conversation, "Hello.", verified=False)
    status, text = used(box(conversation, verified=False), name, **arguments)
    assert (status, text) == ("error", "Not available: the sender of this message is not verified.")


@pytest.mark.parametrize("more", [{"customer_id": "cus_x"}, {"limit": 1000}, {"limit": 0}])
def test_arguments_cannot_widen_what_is_listed(conversation, more):
    assert used(box(conversation), "list_conversations", **more)[0] == "error"


def test_notes_and_later_messages_stay_out(efua, conversation):
    earlier = conversation_make(efua)
    query_make(earlier, "Screws are missing.")
    message_append(
        conversation=earlier,
        direction=Message.Direction.NOTE,
        author=Message.Author.SYSTEM,
        channel=channel_get("outlook"),
        text="Internal: a difficult one.",
    )
    query_make(conversation, "First.")
    toolbox = box(conversation)
    query_make(conversation, "Later.")
    assert len(read(toolbox, "read_conversation", reference=earlier.reference)["messages"]) == 1
    said = read(toolbox, "get_conversation_history")["messages"]
    assert [message["text"] for message in said] == ["Screws are missing.", "First."]


# --- Follow-up tasks -------------------------------------------------------------------------------------------------
PROMISE = {"what": "Call the customer about the refund.", "in_days": 3}


def test_a_follow_up_task_is_opened_with_its_day_and_may_be_told(conversation):
    toolbox = box(conversation, run_id="")
    found = read(toolbox, "open_follow_up", **PROMISE)
    assert found["due"] == "Monday, 23 November 2026 (2026-11-23)"
    task = FollowUp.objects.get()
    assert (task.conversation, task.what, task.due_on, task.state) == (
        conversation,
        PROMISE["what"],
        date(2026, 11, 23),
        "open",
    )
    [entry] = toolbox.shelf.tool_findings
    assert entry.wrote
    assert "Call the customer about the refund" in entry.text
    event = AuditEvent.objects.get(action="follow_up.opened")
    assert event.object_id == task.pk
    assert "refund" not in json.dumps(event.details), "ids, never content"


def test_a_promise_is_kept_once_however_often_it_is_made(conversation):
    for _ in range(2):
        toolbox = box(conversation)  # a run that was killed starts over
        first = read(toolbox, "open_follow_up", **PROMISE)
        assert read(toolbox, "open_follow_up", **PROMISE) == first
    assert FollowUp.objects.count() == 1
    assert AuditEvent.objects.filter(action="follow_up.opened").count() == 1


def test_another_content_or_another_matter_is_another_task(conversation):
    read(box(conversation), "open_follow_up", **PROMISE)
    read(box(conversation), "open_follow_up", what="Send the missing screws.", in_days=3)
    read(box(conversation, origin="qry_2"), "open_follow_up", **PROMISE)
    assert FollowUp.objects.count() == 3


def test_a_conversation_has_only_so_many_open_tasks(conversation):
    for number in range(MAX_OPEN):
        read(box(conversation), "open_follow_up", what=f"Send part number {number}.", in_days=1)
    status, text = used(box(conversation), "open_follow_up", **PROMISE)
    assert status == "error"
    assert "open follow-up tasks" in text
    assert FollowUp.objects.count() == MAX_OPEN


@pytest.mark.parametrize("bad", [{"in_days": 0}, {"in_days": 31}, {"what": ""}, {"customer": "x"}, {"key": "k"}])
def test_a_task_that_makes_no_sense_is_not_opened(conversation, bad):
    assert used(box(conversation), "open_follow_up", **(PROMISE | bad))[0] == "error"
    assert not FollowUp.objects.exists()


# --- What a run is told ----------------------------------------------------------------------------------------------
def requested(query, *earlier) -> RunRequest:
    return request_build(queries=[*earlier, query], cancelled=lambda: False, on_sentence=None)


def test_reruns_over_more_messages_keep_their_origin(conversation):
    first = query_make(conversation, "Hello.")
    second = query_make(conversation, "One more thing.")
    assert requested(first).origin == requested(second, first).origin == first.pk
    assert requested(second).origin != first.pk


def test_only_of_verified_senders_the_server_tells_systems_who_they_are(efua, conversation):
    Identity.objects.create(customer=efua, kind="account", value="AC-77", verified_at=efua.created_at)
    Identity.objects.create(customer=efua, kind="email", value="claimed@example.com")
    assert requested(query_make(conversation, "Hello.")).variables == {
        "customer_id": efua.pk,
        "email": "efua.owusu@example.com",
        "account_number": "AC-77",
    }
    assert requested(query_make(conversation, "Hello.", verified=False)).variables == {}


# --- Plug-ins --------------------------------------------------------------------------------------------------------
def test_a_company_adds_a_tool_by_naming_it(conversation, settings):
    settings.AGENT_TOOLS = {"weather": f"{__name__}.weather_tool"}
    assert read(box(conversation), "weather") == "Rain."


@pytest.mark.parametrize("path", ["nowhere.at.all", f"{__name__}.read_nothing", f"{__name__}.weather_tool"])
def test_a_tool_that_is_not_what_its_name_says_is_a_mistake_in_settings(conversation, settings, path):
    settings.AGENT_TOOLS = {"wether": path}
    with pytest.raises(ConfigurationError, match="wether"):
        box(conversation)


def weather_tool(scene: ToolScene):
    return Tool("weather", "Tells the weather.", {"type": "object"}, lambda: "Rain.")
