"""The shortest requests that are right, and what comes back of a stream."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

NOVA = "eu.amazon.nova-2-lite-v1:0"
HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"

SEARCH = {"toolSpec": {"name": "search", "inputSchema": {"json": {"type": "object"}}}}
CACHE_POINT = {"cachePoint": {"type": "default"}}


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": [_block(block) for block in content]}


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": [_block(block) for block in content]}


def use(identity: str, name: str = "search", **arguments: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": identity, "name": name, "input": arguments}}


def result(identity: str, text: str = "found") -> dict[str, Any]:
    return {"toolResult": {"toolUseId": identity, "content": [{"text": text}], "status": "success"}}


def asked(*messages: Mapping[str, Any], model: str = NOVA, **more: Any) -> dict[str, Any]:
    """Parameters of Converse and ConverseStream."""
    return {"modelId": model, "messages": list(messages) or [user("When do you open?")], **more}


def _block(block: Any) -> Any:
    return {"text": block} if isinstance(block, str) else block


def events(answer: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The events of a ConverseStream answer as (name, data)."""
    with closing(answer["stream"]) as stream:
        return [next(iter(event.items())) for event in stream]


def text_of(found: list[tuple[str, dict[str, Any]]]) -> str:
    return "".join(data["delta"].get("text", "") for name, data in found if name == "contentBlockDelta")
