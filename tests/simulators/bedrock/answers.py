"""The wire form of answers: a body, or the frames of a stream."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from tests.simulators.bedrock.cache import Split
from tests.simulators.bedrock.framing import CONTENT_TYPE, event
from tests.simulators.bedrock.refusals import Refusal
from tests.simulators.bedrock.script import Reply
from tests.simulators.bedrock.tokens import block_tokens

PIECE = 24  # characters of a delta
MOST_PIECES = 400  # a giant text comes in larger ones
PADDING = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Answer:
    """`parts` are frames when `streamed`, else together the body. `length` is what Content-Length claims."""

    parts: Sequence[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    streamed: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    def with_parts(self, parts: Sequence[bytes]) -> "Answer":
        return replace(self, parts=parts)


def json_answer(data: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer([json.dumps(data).encode()], status, {"Content-Type": "application/json", **named})


def refusal_answer(refusal: Refusal) -> Answer:
    """An error's wire form: its type in a header, its message in the body."""
    body = {"message": refusal.message, **refusal.fields}
    return json_answer(body, refusal.status, x_amzn_ErrorType=refusal.type)


# --- Converse and ConverseStream -------------------------------------------------------------------------------------
def converse_answer(reply: Reply, split: Split, latency_ms: int) -> Answer:
    content = _content(reply)
    return json_answer(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": _stop_reason(reply),
            "usage": _usage(reply, split, content),
            "metrics": {"latencyMs": latency_ms},
            **_trace(reply),
        }
    )


def stream_answer(reply: Reply, split: Split, latency_ms: int) -> Answer:
    content = _content(reply)
    frames = [event("messageStart", {"role": "assistant"})]
    for index, block in enumerate(content):
        frames += [_padded(name, {**data, "contentBlockIndex": index}) for name, data in _block_events(block)]
    frames.append(event("messageStop", {"stopReason": _stop_reason(reply)}))
    metadata = {"usage": _usage(reply, split, content), "metrics": {"latencyMs": latency_ms}, **_trace(reply)}
    frames.append(event("metadata", metadata))
    return Answer(frames, 200, {"Content-Type": CONTENT_TYPE}, streamed=True)


def _content(reply: Reply) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if reply.reasoning:
        blocks.append({"reasoningContent": {"reasoningText": {"text": reply.reasoning, "signature": "c2lnbmVk"}}})
    if reply.text:
        blocks.append({"text": reply.text})
    for use in reply.tool_uses:
        identity = use.id or f"tooluse_{uuid4().hex[:22]}"
        blocks.append({"toolUse": {"toolUseId": identity, "name": use.name, "input": dict(use.input)}})
    return blocks


def _trace(reply: Reply) -> dict[str, Any]:
    return {"trace": reply.trace} if reply.trace else {}


def _stop_reason(reply: Reply) -> str:
    return reply.stop_reason or ("tool_use" if reply.tool_uses else "end_turn")


def _usage(reply: Reply, split: Split, content: list[dict[str, Any]]) -> dict[str, Any]:
    written = sum(split.written.values())
    output = sum(block_tokens(block) for block in content)
    usage = {
        "inputTokens": split.uncached,
        "outputTokens": output,
        "totalTokens": split.uncached + split.read + written + output,
        "cacheReadInputTokens": split.read,
        "cacheWriteInputTokens": written,
    }
    details = [{"ttl": ttl, "inputTokens": tokens} for ttl, tokens in split.written.items()]
    return {**usage, **({"cacheDetails": details} if details else {}), **(reply.usage or {})}


def _block_events(block: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A text block begins with its first delta; a tool's input comes in fragments of JSON, none for an empty one."""
    if "toolUse" in block:
        use = block["toolUse"]
        yield "contentBlockStart", {"start": {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}}
        arguments = json.dumps(use["input"]) if use["input"] else ""
        deltas: Iterator[dict[str, Any]] = ({"toolUse": {"input": piece}} for piece in _pieces(arguments))
    elif "reasoningContent" in block:
        reasoning = block["reasoningContent"]["reasoningText"]
        deltas = ({"reasoningContent": {"text": piece}} for piece in _pieces(reasoning["text"]))
    else:
        deltas = ({"text": piece} for piece in _pieces(block["text"]))
    yield from (("contentBlockDelta", {"delta": delta}) for delta in deltas)
    yield "contentBlockStop", {}


def _pieces(text: str) -> Iterator[str]:
    size = max(PIECE, len(text) // MOST_PIECES)
    return (text[start : start + size] for start in range(0, len(text) or 1, size))


def _padded(name: str, data: dict[str, Any]) -> bytes:
    """The service pads events with a key that no shape knows, so that their length tells nothing."""
    return event(name, {**data, "p": PADDING[: len(json.dumps(data)) % len(PADDING)]})
