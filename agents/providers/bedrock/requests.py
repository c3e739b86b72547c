"""Our requests as the arguments of boto3's `converse` and `converse_stream`."""

import json
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from agents.providers.base import ContentBlock, ModelMessage, ModelRequest, OutputSchema, Text, ToolResult, ToolSpec
from agents.providers.bedrock.models import CachePlace, ModelFacts

CHARS_PER_TOKEN = 4  # roughly; only decides whether a cache point can pay
MAX_CACHE_POINTS = 4  # in one request, of every model (Bedrock User Guide, prompt caching)
EMPTY = "(empty)"  # a text of nothing or of blanks is refused
_CACHE_POINT = {"cachePoint": {"type": "default"}}
# What a native output schema may not hold (Bedrock User Guide, structured output).
_BOUNDS = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "pattern"),
}


def converse_arguments(request: ModelRequest, facts: ModelFacts, *, native_output: bool, tier: str) -> dict[str, Any]:
    """The arguments of one call. With `native_output` a wanted schema is asked for as such, else by a forced tool."""
    forced = request.output if request.output and not native_output else None
    arguments: dict[str, Any] = {
        "modelId": facts.model_id,
        "system": _system(request, facts),
        "messages": _messages(request, facts, may_cache=forced is None),
        "inferenceConfig": {"maxTokens": min(request.max_tokens, facts.max_output), "temperature": 0.0},
        "requestMetadata": {"purpose": request.purpose.value},
    }
    if tools := _tools(request, facts, forced):
        arguments["toolConfig"] = tools
    if request.output and native_output:
        arguments["outputConfig"] = {"textFormat": _text_format(request.output)}
    if tier != "default":
        arguments["serviceTier"] = {"type": tier}
    return arguments


def _system(request: ModelRequest, facts: ModelFacts) -> list[dict[str, Any]]:
    text = [{"text": request.system}]
    return [*text, _CACHE_POINT] if _pays(facts, "system", _static_chars(request)) else text


def _messages(request: ModelRequest, facts: ModelFacts, *, may_cache: bool) -> list[dict[str, Any]]:
    """A run asks several times with a growing thread. Cache points stand where they stood in the calls before: some
    models find a prefix only at a point. None where a tool is forced: tools stand before messages, so that no other
    call begins alike, and writing costs more than it saves."""
    messages = [_message(message) for message in request.messages]
    if not may_cache:
        return messages
    ends = list(accumulate((len(json.dumps(message)) for message in messages), initial=_static_chars(request)))[1:]
    paying = [
        message
        for message, chars in zip(messages, ends, strict=True)
        if message["role"] == "user" and _pays(facts, "messages", chars)
    ]
    for message in paying[-_points_left(request, facts) :]:
        message["content"].append(_CACHE_POINT)
    return messages


def _points_left(request: ModelRequest, facts: ModelFacts) -> int:
    """How many points the static part leaves to the messages."""
    static = _pays(facts, "system", _static_chars(request)) + _pays(facts, "tools", _tool_chars(request))
    return MAX_CACHE_POINTS - static


def _message(message: ModelMessage) -> dict[str, Any]:
    return {"role": message.role, "content": [_block(block) for block in message.content]}


def _block(block: ContentBlock) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"text": block.text if block.text.strip() else EMPTY}
    if isinstance(block, ToolResult):
        content = [{"text": block.text if block.text.strip() else EMPTY}]
        return {"toolResult": {"toolUseId": block.tool_use_id, "content": content, "status": block.status}}
    return {"toolUse": {"toolUseId": block.id, "name": block.name, "input": dict(block.input)}}


def _tools(request: ModelRequest, facts: ModelFacts, forced: OutputSchema | None) -> dict[str, Any] | None:
    specs = [_spec(tool) for tool in request.tools]
    if forced is not None:
        specs.append(_spec(ToolSpec(forced.name, forced.description, forced.schema)))
    if not specs:
        return None
    if request.tools and _pays(facts, "tools", _tool_chars(request)):
        specs.insert(len(request.tools), _CACHE_POINT)  # before a forced tool, which other calls do not have
    return {"tools": specs, **({"toolChoice": {"tool": {"name": forced.name}}} if forced else {})}


def _spec(tool: ToolSpec) -> dict[str, Any]:
    return {
        "toolSpec": {"name": tool.name, "description": tool.description, "inputSchema": {"json": dict(tool.schema)}}
    }


def _text_format(output: OutputSchema) -> dict[str, Any]:
    schema = json.dumps(_without_bounds(output.schema), sort_keys=True)
    structure = {"jsonSchema": {"schema": schema, "name": output.name, "description": output.description}}
    return {"type": "json_schema", "structure": structure}


def _without_bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` as the service takes it; we check the answer against the whole one anyway."""
    kept = {name: value for name, value in schema.items() if name not in _BOUNDS}
    if "properties" in kept:
        kept["properties"] = {name: _without_bounds(value) for name, value in kept["properties"].items()}
        kept["additionalProperties"] = False
    if isinstance(kept.get("items"), Mapping):
        kept["items"] = _without_bounds(kept["items"])
    return kept


def _pays(facts: ModelFacts, place: CachePlace, chars: int) -> bool:
    """Whether a cache point there is allowed and the prefix up to it long enough to be kept."""
    return place in facts.cache_points and chars >= facts.cache_min_tokens * CHARS_PER_TOKEN


def _static_chars(request: ModelRequest) -> int:
    return _tool_chars(request) + len(request.system)


def _tool_chars(request: ModelRequest) -> int:
    return len(json.dumps([_spec(tool) for tool in request.tools]))
