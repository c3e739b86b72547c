"""Default replies: the embedded engine answers the request a model would have read, so that the whole product can be
walked through. It says nothing about the quality of any real model."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from agents.judging.output import GRADE_SCHEMA
from agents.providers.base import (
    ContentBlock,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    Purpose,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
)
from tests.simulators.bedrock.script import Call, Reply
from tests.simulators.bedrock.tokens import BYTES_PER_TOKEN, text_tokens

PATIENCE = 60.0  # seconds: how long the engine itself may take; the caller's deadline is its own matter
NO_PURPOSE = "This is a simulator. It answers requests whose metadata names a purpose it knows."

_KNOWN = frozenset(purpose.value for purpose in Purpose) - {Purpose.ANALYSE}  # the engine reads no question of staff


class EngineReplies:
    """Makes the reply to a call with `engine`, a model provider."""

    def __init__(self, engine: ModelProvider) -> None:
        self._engine = engine

    def __call__(self, call: Call) -> Reply:
        if call.purpose not in _KNOWN:
            return Reply(NO_PURPOSE)
        if call.purpose == Purpose.JUDGE:
            from tests.simulators.bedrock.judging import grade_made  # needs Django, which the program sets up later

            return Reply(tool_uses=[ToolUse("", GRADE_SCHEMA.name, json.loads(grade_made(_request(call))))])
        return _reply(self._engine.converse(_request(call)), call.body)


def _request(call: Call) -> ModelRequest:
    body = call.body
    return ModelRequest(
        purpose=Purpose(call.purpose),
        system="\n".join(block["text"] for block in body.get("system", []) if "text" in block),
        messages=tuple(_message(message) for message in body["messages"]),
        deadline=time.monotonic() + PATIENCE,
        tools=tuple(_tools(body)),
    )


def _tools(body: Mapping[str, Any]) -> Iterator[ToolSpec]:
    for tool in body.get("toolConfig", {}).get("tools", []):
        if spec := tool.get("toolSpec"):
            yield ToolSpec(spec["name"], spec.get("description", ""), spec["inputSchema"]["json"])


def _message(message: Mapping[str, Any]) -> ModelMessage:
    return ModelMessage(message["role"], tuple(_blocks(message["content"])))


def _blocks(content: list[Mapping[str, Any]]) -> Iterator[ContentBlock]:
    for block in content:
        if "text" in block:
            yield Text(block["text"])
        elif "guardContent" in block and "text" in block["guardContent"]:
            yield Text(block["guardContent"]["text"]["text"])
        elif use := block.get("toolUse"):
            yield ToolUse(use["toolUseId"], use["name"], use["input"])
        elif result := block.get("toolResult"):
            text = "\n".join(_result_text(part) for part in result["content"])
            yield ToolResult(result["toolUseId"], text, result.get("status", "success"))


def _result_text(part: Mapping[str, Any]) -> str:
    return part["text"] if "text" in part else json.dumps(part.get("json"))


def _reply(reply: ModelReply, body: Mapping[str, Any]) -> Reply:
    """In the form the request asked for: as the input of a forced tool, or as text not longer than allowed."""
    forced = body.get("toolConfig", {}).get("toolChoice", {}).get("tool", {}).get("name")
    if forced and reply.text.startswith("{"):
        return Reply(tool_uses=[ToolUse("", forced, json.loads(reply.text))])
    if reply.tool_uses:
        return Reply(tool_uses=[ToolUse("", use.name, use.input) for use in reply.tool_uses])
    most = body.get("inferenceConfig", {}).get("maxTokens")
    if most and text_tokens(reply.text) > most:
        return Reply(reply.text.encode()[: most * BYTES_PER_TOKEN].decode(errors="ignore"), stop_reason="max_tokens")
    return Reply(reply.text)
