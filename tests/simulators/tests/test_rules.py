"""What the service refuses, and that it does so in its own wire form."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulators.bedrock import Reply, Simulator
from tests.simulators.bedrock.refusals import Refusal
from tests.simulators.bedrock.shapes import parameters_check
from tests.simulators.tests.asking import CACHE_POINT, HAIKU, NOVA, SEARCH, asked, assistant, result, use, user

TOOLS = {"toolConfig": {"tools": [SEARCH]}}


def schema_of(schema: Mapping[str, Any] | str) -> dict[str, Any]:
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return {"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": text}}}}}


CLOSED = {"type": "object", "properties": {"minimum": {"type": "string"}}, "additionalProperties": False}

GOOD = {
    "a whole round of tools": asked(
        user("Hello"), assistant("I see.", use("a"), use("b")), user(result("b"), result("a"), "And?"), **TOOLS
    ),
    "a forced tool": asked(toolConfig={"tools": [SEARCH], "toolChoice": {"tool": {"name": "search"}}}),
    "cache points of Nova": asked(user("Hello", CACHE_POINT), system=[{"text": "You help."}, CACHE_POINT]),
    "cache points of Claude": asked(
        model=HAIKU,
        toolConfig={"tools": [SEARCH, {"cachePoint": {"type": "default", "ttl": "1h"}}]},
        system=[{"text": "You help."}, CACHE_POINT],
    ),
    "a closed schema": asked(model=HAIKU, **schema_of(CLOSED)),
    "an answer begun": asked(user("Hello"), assistant("{")),
}

BAD = {
    "must start with a user message": asked(assistant("Hello")),
    "must alternate": asked(user("Hello"), user("Hello")),
    "is blank": asked(user(" ")),
    "is empty": asked({"role": "user", "content": []}),
    "at least one message": asked() | {"messages": []},
    "not allowed for role user": asked(user(use("a")), **TOOLS),
    "not allowed for role assistant": asked(user("Hello"), assistant(result("a")), **TOOLS),
    "Expected toolResult blocks at messages.2": asked(
        user("Hello"), assistant(use("a"), use("b")), user(result("a")), **TOOLS
    ),
    "following Ids: ['a']": asked(user("Hello"), assistant(use("a")), **TOOLS),
    "exceeds the number of toolUse": asked(user(result("a")), **TOOLS),
    "duplicate Ids": asked(user("Hello"), assistant(use("a"), use("a")), user(result("a")), **TOOLS),
    "toolConfig field must be defined": asked(user("Hello"), assistant(use("a")), user(result("a"))),
    "duplicate tool names": asked(toolConfig={"tools": [SEARCH, SEARCH]}),
    "which toolConfig.tools does not hold": asked(
        toolConfig={"tools": [SEARCH], "toolChoice": {"tool": {"name": "find"}}}
    ),
    "at least one tool": asked(model=HAIKU, toolConfig={"tools": [CACHE_POINT]}),
    "extraneous key [cachePoint]": asked(toolConfig={"tools": [SEARCH, CACHE_POINT]}),
    "does not support a ttl of 1h": asked(user("Hello", {"cachePoint": {"type": "default", "ttl": "1h"}})),
    "maximum of 4 blocks": asked(user("Hello", *[CACHE_POINT] * 5)),
    "must not come after": asked(
        user("Hello", CACHE_POINT, "more", {"cachePoint": {"type": "default", "ttl": "1h"}}), model=HAIKU
    ),
    "doesn't support structured output": asked(**schema_of(CLOSED)),
    "not valid JSON": asked(model=HAIKU, **schema_of("{")),
    "'additionalProperties' must be": asked(model=HAIKU, **schema_of({"type": "object"})),
    "minLength are not supported": asked(
        model=HAIKU, **schema_of(CLOSED | {"properties": {"name": {"type": "string", "minLength": 1}}})
    ),
    "recursive or external": asked(model=HAIKU, **schema_of({"$ref": "https://example.com/schema.json"})),
    "exceeds the model limit": asked(inferenceConfig={"maxTokens": 64_001}),
    "Please use only one": asked(model=HAIKU, inferenceConfig={"temperature": 0.5, "topP": 0.5}),
    "Input is too long": asked(user("word " * 200_000), model=HAIKU),
    "regular expression pattern": asked(user("Hello"), assistant(use("a", "my tool")), user(result("a")), **TOOLS),
    "less than or equal to 1": asked(inferenceConfig={"temperature": 1.5}),
    "less than or equal to 16": asked(requestMetadata={f"key{number}": "value" for number in range(17)}),
    "greater than or equal to 1": asked(requestMetadata={}),
    "enum value set": asked(serviceTier={"type": "cheap"}),
    "with on-demand throughput isn't supported": asked(model="amazon.nova-2-lite-v1:0"),
}


@pytest.mark.parametrize("parameters", GOOD.values(), ids=GOOD)
def test_right_requests_are_answered(bedrock: Simulator, client: Any, parameters: dict[str, Any]) -> None:
    bedrock.always(parameters["modelId"], Reply("fine"))
    assert client.converse(**parameters)["stopReason"] == "end_turn"


@pytest.mark.parametrize(("message", "parameters"), BAD.items(), ids=BAD)
def test_wrong_requests_are_refused(bedrock: Simulator, client: Any, message: str, parameters: dict[str, Any]) -> None:
    bedrock.always(parameters["modelId"], Reply("fine"))
    with pytest.raises(client.exceptions.ValidationException) as caught:
        client.converse(**parameters)
    answer = caught.value.response
    assert message in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert message in bedrock.calls[0].refused


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("eu.anthropic.claude-3-5-haiku-20241022-v1:0", "end of its life"),
        ("eu.anthropic.claude-9", "Could not resolve"),
    ],
)
def test_models_that_are_gone_or_never_were_are_not_found(
    bedrock: Simulator, client: Any, model: str, message: str
) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=message):
        client.converse(**asked(model=model))


def test_what_the_client_would_not_send_is_refused_too() -> None:
    """The service checks shapes itself; two keys in one block never leave boto3."""
    body = copy.deepcopy(asked(user({"text": "Hello", "cachePoint": {"type": "default"}})))
    with pytest.raises(Refusal, match="tagged union"):
        parameters_check("Converse", body)


def test_an_unsigned_request_is_denied(bedrock: Simulator, client: Any) -> None:
    client.meta.events.register("before-send", lambda request, **_: request.headers.pop("Authorization") and None)
    with pytest.raises(ClientError) as caught:
        client.converse(**asked(model=NOVA))
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
