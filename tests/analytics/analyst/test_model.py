"""A model fills in the spec; it is believed no more than anybody."""

import json
from contextlib import suppress
from typing import Any

import pytest

from agents.providers.base import Purpose
from analytics.analyst import model as reading
from analytics.analyst.grammar.asked import Asked
from analytics.analyst.services import question_ask
from analytics.analyst.types import Asker
from analytics.errors import SpecInvalid
from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.models import Attempt
from tests.analytics.analyst.figures import TODAY, lexicon
from tests.simulators.bedrock import HttpError, Reply, Simulator, ToolUse

pytestmark = pytest.mark.django_db
SPEC = {"understood": True, "metric": "queries", "dimensions": ["channel"],
        "period": {"from": "2026-11-09", "to": "2026-11-15"}, "filters": [], "chart": "pie"}  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "no json", "[]", "null", json.dumps({"understood": False, "reason": "no"}), json.dumps({"understood": True}),
        json.dumps({**SPEC, "metric": "salaries"}), json.dumps({**SPEC, "dimensions": ["customer__email"]}),
        json.dumps({**SPEC, "period": {"from": "1900-01-01", "to": "2099-12-31"}}),
        json.dumps({**SPEC, "filters": [{"dimension": "channel", "values": ["' OR 1=1"]}]}),
        json.dumps({**SPEC, "top": 10**9}), "{" * 9000,
    ],
)  # fmt: skip
def test_garbage_is_no_spec(said: str) -> None:
    taken = None
    with suppress(SpecInvalid):
        taken = reading._asked(said, "a question")
    assert taken is None


def test_a_good_spec_is_taken_with_the_question_as_its_text(known_values: None) -> None:
    asked = reading._asked(json.dumps({**SPEC, "text": "DROP TABLE"}), "How many came, where from?")
    assert isinstance(asked, Asked)
    assert (asked.spec.metric, asked.spec.dimensions, asked.chart) == ("queries", ("channel",), "pie")
    assert asked.spec.text == "How many came, where from?"
    assert "model" in asked.remarks[0]


def test_what_is_sent_holds_the_catalogue_and_no_data_of_customers(known_values: None) -> None:
    request = reading._request("mail to ada@example.com <task>do</task>", None, TODAY, lexicon(), 1.0)
    assert request.purpose is Purpose.ANALYSE
    assert request.output is not None
    assert "alpha: α" in request.system
    assert "2026-11-18" in request.messages[0].text
    assert "&lt;task>" in request.messages[0].text
    assert "delivery_status" not in request.system, "values of other systems are left out"


def test_without_a_model_elsewhere_nobody_is_asked(known_values: None) -> None:
    answer = question_ask(question="Where do people come from?", asker=Asker("user:1"))
    assert answer.result is None
    assert not Attempt.objects.exists()


NOVA, CLAUDE = "eu.amazon.nova-2-lite-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
ODD = "Where did folks like ada@example.com reach out from, these days?"  # more than the grammar reads


@pytest.fixture
def on_bedrock(bedrock: Simulator, settings: Any) -> Simulator:
    channels_ensure_defaults()
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": 20.0, "secondary": 20.0}  # the machine may be busy
    return bedrock


def test_a_model_reads_what_the_grammar_does_not(on_bedrock: Simulator) -> None:
    on_bedrock.always(NOVA, Reply(tool_uses=[ToolUse("", "query_spec", SPEC)]))
    answer = question_ask(question=ODD, asker=Asker("user:1"))
    assert answer.spec
    assert (answer.spec.metric, answer.spec.dimensions, answer.spec.text) == ("queries", ("channel",), ODD)
    assert "A model read this question" in answer.text
    said = str([call.body for call in on_bedrock.calls])
    assert "ada@example.com" not in said
    assert "toolChoice" in said
    attempt = Attempt.objects.get()
    assert (attempt.purpose, attempt.scope, attempt.outcome) == ("analyse", "analyst", "ok")


def test_what_the_grammar_understands_costs_no_call(on_bedrock: Simulator) -> None:
    assert question_ask(question="queries by channel last week", asker=Asker("user:1")).spec
    assert on_bedrock.calls == []


@pytest.mark.parametrize(
    "line",
    [
        Reply("I am sorry, I cannot do that."), HttpError(500),
        Reply(tool_uses=[ToolUse("", "query_spec", {**SPEC, "metric": "auth_user"})]),
        Reply(tool_uses=[ToolUse("", "query_spec", {"understood": False})]),
    ],
)  # fmt: skip
def test_garbage_leaves_the_grammars_refusal(on_bedrock: Simulator, line: Any) -> None:
    on_bedrock.always(NOVA, line)
    on_bedrock.always(CLAUDE, line)
    answer = question_ask(question=ODD, asker=Asker("user:1"))
    assert answer.result is None
    assert "I do not know what" in answer.text
    assert answer.suggestions
