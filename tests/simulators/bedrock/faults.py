"""Every way in which an answer can fail to come, to be whole or to make sense (reference: error and stream tables)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from agents.providers.base import ToolUse
from tests.simulators.bedrock.answers import Answer, json_answer
from tests.simulators.bedrock.exchange import Exchange
from tests.simulators.bedrock.framing import exception, garbled
from tests.simulators.bedrock.refusals import STATUS
from tests.simulators.bedrock.script import PLAIN, Reply

# The errors that may come in the middle of a stream (members of ConverseStreamOutput).
STREAM_ERRORS = (
    "internalServerException",
    "modelStreamErrorException",
    "validationException",
    "throttlingException",
    "serviceUnavailableException",
)


# --- Refusals --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class HttpError:
    """An error answer. Without a `type` the header is left out, and boto3 takes the status for the code."""

    status: int
    type: str = ""
    message: str = "A simulated error."
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    def play(self, exchange: Exchange) -> None:
        answer = json_answer({"message": self.message, **self.fields}, self.status)
        kind = {"x-amzn-ErrorType": self.type} if self.type else {}
        exchange.deliver(Answer(answer.parts, self.status, {**answer.headers, **kind, **self.headers}))


def error_of(type: str, message: str = "A simulated error.", **fields: Any) -> HttpError:
    """An error of the service model, with its status."""
    return HttpError(STATUS[type], type, message, fields=fields)


def Throttle(message: str = "Too many requests, please wait before trying again.") -> HttpError:
    return error_of("ThrottlingException", message)


# --- Connections -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Hang:
    """Takes the request and says nothing; after `seconds` the connection is closed without an answer."""

    seconds: float = 120.0

    def play(self, exchange: Exchange) -> None:
        exchange.line.wait(self.seconds)
        exchange.line.drop()


@dataclass(frozen=True)
class ConnectionClosed:
    """Closes the connection instead of answering."""

    def play(self, exchange: Exchange) -> None:
        exchange.line.drop()


@dataclass(frozen=True)
class Drip:
    """Sends the right answer `size` bytes at a time, `seconds` apart: no gap is long, the whole is."""

    seconds: float = 0.2
    size: int = 1
    reply: Reply = PLAIN

    def play(self, exchange: Exchange) -> None:
        answer = exchange.answer(self.reply)
        exchange.line.begin(answer)
        for piece in batched(answer.body, self.size):
            exchange.line.send(bytes(piece))
            exchange.line.wait(self.seconds)
        exchange.line.end()


# --- Broken streams --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class MidStreamError:
    """After `after` events of the reply the stream says that something went wrong; one of `STREAM_ERRORS`.
    Converse, which has no middle, answers with the error at once."""

    code: str = "internalServerException"
    after: int = 3
    message: str = "A simulated error in the middle of a stream."
    reply: Reply = PLAIN

    def play(self, exchange: Exchange) -> None:
        if not exchange.streamed:
            kind = self.code[0].upper() + self.code[1:]
            error_of(kind if kind in STATUS else "ModelErrorException", self.message).play(exchange)
            return
        answer = exchange.answer(self.reply)
        bad = exception(self.code, {"message": self.message})
        exchange.deliver(answer.with_parts([*answer.parts[: self.after], bad]))


@dataclass(frozen=True)
class TruncatedStream:
    """The stream ends after `events` as if all had been said; -1 leaves out the metadata alone. `broken` closes the
    connection there instead. An answer of Converse is cut in half and its connection closed: boto3 does not notice."""

    events: int = 3
    broken: bool = False
    reply: Reply = PLAIN

    def play(self, exchange: Exchange) -> None:
        answer = exchange.answer(self.reply)
        if not exchange.streamed:
            exchange.line.begin(answer)
            exchange.line.send(answer.body[: len(answer.body) // 2])
            exchange.line.drop()
            return
        exchange.line.begin(answer)
        for part in answer.parts[: self.events]:
            exchange.line.send(part)
        exchange.line.drop() if self.broken else exchange.line.end()


@dataclass(frozen=True)
class StalledStream:
    """After `events` of the reply nothing more is said; after `seconds` the connection is closed. Converse hangs."""

    events: int = 3
    seconds: float = 120.0
    reply: Reply = PLAIN

    def play(self, exchange: Exchange) -> None:
        if exchange.streamed:
            answer = exchange.answer(self.reply)
            exchange.line.begin(answer)
            for part in answer.parts[: self.events]:
                exchange.line.send(part)
        Hang(self.seconds).play(exchange)


@dataclass(frozen=True)
class BadChecksum:
    """A byte of the frame after `after` good ones is not what its checksum says. An answer of Converse, which has no
    checksums, is garbled instead."""

    after: int = 2
    reply: Reply = PLAIN

    def play(self, exchange: Exchange) -> None:
        if not exchange.streamed:
            GarbageJson().play(exchange)
            return
        parts = list(exchange.answer(self.reply).parts)
        broken = bytearray(parts[self.after])
        broken[-5] ^= 0xFF  # the last byte of the payload
        parts[self.after] = bytes(broken)
        exchange.deliver(exchange.answer(self.reply).with_parts(parts))


# --- Senseless answers -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class GarbageJson:
    """Status 200 and a body that is no JSON; in a stream, a sound frame with such a payload."""

    body: bytes = b'{"output": {"message": {"role": "assist<html>502 Bad Gateway</html>'

    def play(self, exchange: Exchange) -> None:
        answer = exchange.answer(PLAIN)
        if exchange.streamed:
            exchange.deliver(answer.with_parts([answer.parts[0], garbled("contentBlockDelta", self.body)]))
        else:
            exchange.deliver(answer.with_parts([self.body]))


@dataclass(frozen=True)
class RawJson:
    """Status 200 and any JSON at all, e.g. an answer without usage; in a stream, its events as (name, data) pairs."""

    data: Any

    def play(self, exchange: Exchange) -> None:
        if exchange.streamed:
            frames = [garbled(name, json.dumps(data).encode()) for name, data in self.data]
            exchange.deliver(exchange.answer(PLAIN).with_parts(frames))
        else:
            exchange.deliver(json_answer(self.data))


def HugeReply(size: int = 10 * 1024 * 1024) -> Reply:
    """A well-formed answer of `size` characters."""
    return Reply("All work and no play. " * (size // 22) + "." * (size % 22))


def ToolLoop(name: str, **arguments: Any) -> Reply:
    """Asks for the same tool; with `Simulator.always` it never stops."""
    return Reply(tool_uses=[ToolUse("", name, arguments)])
