"""Unscripted calls: the embedded engine answers, in the form that the request asks for."""

import json
from typing import Any

import pytest

from agents.assessment import ASSESSMENT_SCHEMA, assessment_parse
from agents.blocks import block_wrap, facts_wrap
from agents.factors import Factor
from agents.summary import SUMMARY_SCHEMA, summary_parse
from tests.simulators.bedrock import Simulator
from tests.simulators.tests.asking import HAIKU, NOVA, asked, assistant, result, use, user

PATIENCE = 30  # the engine loads its model for the first question
SEARCH = {"toolSpec": {"name": "search_knowledge", "inputSchema": {"json": {"type": "object"}}}}
ASSESS = {"toolSpec": {"name": "assessment", "inputSchema": {"json": dict(ASSESSMENT_SCHEMA.schema)}}}
MESSAGE = block_wrap("customer_message", "When do you open on Sundays?")
PASSAGES = block_wrap(
    "passages",
    json.dumps(
        {
            "passages": [
                {
                    "n": 1,
                    "title": "Opening hours",
                    "heading": "Shops",
                    "text": "Our shops open on Sundays at ten in the morning.",
                    "relevance": 0.9,
                    "document": "d1",
                }
            ]
        }
    ),
)
CATEGORIES = facts_wrap({"categories": [{"key": "other", "name": "Other", "description": "Everything else"}]})
ROUND = (user(MESSAGE), assistant(use("a", "search_knowledge", query="open on Sundays")))


def purpose(name: str) -> dict[str, Any]:
    return {"requestMetadata": {"purpose": name}}


def test_it_asks_for_the_tools_it_needs(bedrock: Simulator, client: Any) -> None:
    answer = client.converse(**asked(user(MESSAGE), toolConfig={"tools": [SEARCH]}, **purpose("gather")))
    (block,) = answer["output"]["message"]["content"]
    assert answer["stopReason"] == "tool_use"
    assert block["toolUse"]["name"] == "search_knowledge"
    assert "open on Sundays" in block["toolUse"]["input"]["query"]


def test_it_assesses_by_the_forced_tool(bedrock: Simulator, client: Any) -> None:
    forced = {"tools": [SEARCH, ASSESS], "toolChoice": {"tool": {"name": "assessment"}}}
    answer = client.converse(
        **asked(*ROUND, user(result("a", PASSAGES), CATEGORIES), toolConfig=forced, **purpose("assess"))
    )
    (block,) = answer["output"]["message"]["content"]
    assert (answer["stopReason"], block["toolUse"]["name"]) == ("tool_use", "assessment")
    assessment = assessment_parse(json.dumps(block["toolUse"]["input"]), categories=["other"], passages=1)
    assert assessment.counts[Factor.NO_KNOWLEDGE][0] == 0


def test_it_assesses_as_text_where_a_schema_asks_for_it(bedrock: Simulator, client: Any) -> None:
    schema = json.dumps({"type": "object", "additionalProperties": False})
    output = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}}
    answer = client.converse(
        **asked(
            *ROUND,
            user(result("a", PASSAGES), CATEGORIES),
            model=HAIKU,
            toolConfig={"tools": [SEARCH]},
            outputConfig=output,
            **purpose("assess"),
        )
    )
    (block,) = answer["output"]["message"]["content"]
    assert answer["stopReason"] == "end_turn"
    assert assessment_parse(block["text"], categories=["other"], passages=1).category == "other"


@pytest.mark.parametrize(("most", "stop"), [(1_000, "end_turn"), (5, "max_tokens")])
def test_it_composes_within_the_tokens_allowed(bedrock: Simulator, client: Any, most: int, stop: str) -> None:
    kind = facts_wrap({"kind": "answer"})
    answer = client.converse(
        **asked(
            *ROUND,
            user(result("a", PASSAGES), kind),
            toolConfig={"tools": [SEARCH]},
            inferenceConfig={"maxTokens": most},
            **purpose("compose"),
        )
    )
    text = answer["output"]["message"]["content"][0]["text"]
    assert answer["stopReason"] == stop
    assert ("ten in the morning" in text) == (stop == "end_turn")
    assert answer["usage"]["outputTokens"] <= most


def test_without_a_purpose_it_says_what_it_is(bedrock: Simulator, client: Any) -> None:
    answer = client.converse(**asked(model=NOVA))
    assert "simulator" in answer["output"]["message"]["content"][0]["text"]


def test_it_summarises_by_the_forced_tool(bedrock: Simulator, client: Any) -> None:
    event = block_wrap(
        "event", "My lamp is broken.", n="1", at="2026-05-03T09:00+00:00", channel="email", author="customer"
    )
    tool = {"toolSpec": {"name": "summary", "inputSchema": {"json": dict(SUMMARY_SCHEMA.schema)}}}
    forced = {"tools": [tool], "toolChoice": {"tool": {"name": "summary"}}}
    answer = client.converse(**asked(user(event), toolConfig=forced, **purpose("summarise")))
    (block,) = answer["output"]["message"]["content"]
    draft = summary_parse(json.dumps(block["toolUse"]["input"]))
    assert next(draft.statements).text == "“My lamp is broken.”"
