"""Doubtful hearing asks, it does not guess: from the message that was spoken to what the customer is told."""

import pytest
from django.utils import timezone

from agents.gate import Policy, Signals, gate_decide
from agents.types import Autonomy, Blocker, Decision
from conversations.answering import query_answer
from conversations.models import Transcription
from omnicqm.common.backends import backend_get
from tests.conversations.people import conversation_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)

HEARD = "do you sell blows and a grey sofa"


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    return backend_get("MODEL_PROVIDERS", "scripted")


@pytest.fixture
def conversation():
    return conversation_make()


def spoken(conversation, sent, *, heard=HEARD, doubtful=((12, 17), (24, 33)), **fields):
    """A query whose message was spoken."""
    query = query_make(conversation, sent, channel="chat")
    Transcription.objects.create(
        source="live",
        visitor="v",
        message=query.message,
        text=heard,
        doubtful=[list(span) for span in doubtful],
        **{"finished_at": timezone.now()} | fields,
    )
    return query


def ended(query):
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    return query


def test_what_was_not_heard_surely_is_asked_for_by_name(conversation):
    query = ended(spoken(conversation, HEARD))
    assert query.status == "clarification"
    assert query.run.reasons == ["doubtful_transcript"]
    assert "Did you say “blows” and “grey sofa”?" in query.reply.text
    assert query.run.explanation.startswith("Asked the customer back because the transcript is doubtful")


def test_what_the_customer_has_corrected_is_answered(conversation):
    query = ended(spoken(conversation, "Thank you! do you sell pillows?"))
    assert query.status == "answered"


def test_the_second_time_a_person_takes_over(conversation):
    ended(spoken(conversation, HEARD))
    query = ended(spoken(conversation, HEARD))
    assert query.status == "escalated"
    assert "doubtful_transcript" in query.run.blockers


def test_what_was_heard_surely_is_answered(conversation):
    assert ended(spoken(conversation, "Thank you!", heard="thank you", doubtful=())).status == "answered"


def test_what_was_said_and_is_no_text_goes_to_a_person(conversation):
    query = ended(spoken(conversation, "Thank you!", heard="", doubtful=(), state="failed", error_code="timeout"))
    assert query.status == "escalated"
    assert query.run.blockers == ["doubtful_transcript"]


def test_of_several_messages_any_may_be_doubtful(conversation):
    spoken(conversation, HEARD)
    query = ended(query_make(conversation, "Thank you!", channel="chat"))
    assert query.status == "clarification"
    assert "“blows”" in query.reply.text


def test_while_it_is_not_known_what_was_said_no_tool_may_write(conversation, model, monkeypatch):
    offered = []
    converse = type(model).converse

    def noting(self, request):
        offered.append({tool.name for tool in request.tools})
        return converse(self, request)

    monkeypatch.setattr(type(model), "converse", noting)
    ended(query_make(conversation, "Thank you!", channel="chat"))
    assert "open_follow_up" in offered[-1]
    ended(spoken(conversation, HEARD))
    assert "open_follow_up" not in offered[-1]
    assert "get_conversation_history" in offered[-1]


# --- The gate itself -------------------------------------------------------------------------------------------------


def decide(*blockers, unheard=True, **policy):
    signals = Signals(100, 100, 1.0, frozenset(blockers), unheard=unheard)
    return gate_decide(signals, Policy(**policy))


def test_the_gate_asks_back_for_words_only_when_nothing_else_needs_a_person():
    doubt = Blocker.DOUBTFUL_TRANSCRIPT
    assert decide(doubt).decision is Decision.CLARIFY
    assert decide(doubt, Blocker.ACCOUNT_MATTER).decision is Decision.CLARIFY  # what it is about was not heard either
    for blocker in (Blocker.SAFETY, Blocker.ASKED_FOR_PERSON, Blocker.INJECTION, Blocker.HUMAN_TOOK_OVER):
        assert decide(doubt, blocker).decision is Decision.ESCALATE
    assert decide(doubt, unheard=False).decision is Decision.ESCALATE
    assert decide(doubt, autonomy=Autonomy.DRAFT).decision is Decision.ESCALATE
    assert decide(Blocker.ACCOUNT_MATTER).decision is Decision.ESCALATE
