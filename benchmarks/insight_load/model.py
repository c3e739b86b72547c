"""A model service in a process of its own: it thinks as long as a model would, and answers with a summary of the last
event that passes the product's checks.

    python -m benchmarks.insight_load.model PORT

Unlike the simulator of the tests it checks nothing, so that its own share of the machine stays small. ``POST /mode``
with a model id and ``well`` or ``hung`` says how that model is.
"""

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from benchmarks.insight_load.latency import MARKER, model_seconds

_EVENT = re.compile(r'<untrusted kind="event" n="(?P<n>\d+)"[^>]*>\s*(?P<first>[^\n]+?[.?](?=\s))', re.DOTALL)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TOKENS = {"inputTokens": 3700, "outputTokens": 120, "totalTokens": 3820}
_modes: dict[str, str] = {}


class Connection(asyncio.Protocol):
    """One connection of a client, which sends a request when it has the answer to the one before."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if separator and len(body) >= (int(length[1]) if length else 0):
            self._received = b""
            self._answer(head.split(b" ", 2)[1].decode(), json.loads(body or b"{}"))

    def _answer(self, path: str, asked: Mapping[str, Any]) -> None:
        if path == "/mode":
            _modes.update(asked)
            self._send({})
            return
        model = unquote(path.removeprefix("/model/").partition("/")[0])
        text = "\n".join(block.get("text", "") for block in asked["messages"][0]["content"])
        marker = MARKER.search(text)
        if _modes.get(model) != "hung":
            seconds = model_seconds(marker[0]) if marker else 0.0
            asyncio.get_running_loop().call_later(seconds, self._send, _reply(asked, text))

    def _send(self, document: Mapping[str, Any]) -> None:
        if self._transport is not None:
            body = json.dumps(document).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)


def _reply(asked: Mapping[str, Any], text: str) -> dict[str, Any]:
    choice = asked.get("toolConfig", {}).get("toolChoice", {}).get("tool", {}).get("name")
    summary = _summary(text)
    use = {"toolUse": {"toolUseId": "tooluse_1", "name": choice, "input": summary}}
    return {
        "output": {"message": {"role": "assistant", "content": [use if choice else {"text": json.dumps(summary)}]}},
        "stopReason": "tool_use" if choice else "end_turn",
        "usage": _TOKENS,
        "metrics": {"latencyMs": 1},
    }


def _summary(text: str) -> dict[str, Any]:
    """The first sentence of the last event; nothing where something else is asked."""
    events = list(_EVENT.finditer(text))
    if not events:
        return {}
    last = events[-1]
    statement = {"kind": "problem", "text": last["first"].strip(), "events": [int(last["n"])]}
    return {"matters": [{"subject": "Order", "statements": [statement]}], "mood": "calm"}


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=2048)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
