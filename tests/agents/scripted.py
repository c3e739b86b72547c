"""A model that plays a script: the fake at the provider line."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from agents.providers.base import (
    Capabilities,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    Purpose,
    StopReason,
    Text,
    ToolUse,
    Usage,
)
from agents.types import Factor

Line = str | Sequence[ToolUse] | Exception


def call(name: str, number: int = 1, **arguments: Any) -> ToolUse:
    return ToolUse(f"use-{number}", name, arguments)


def assessment(**changes: Any) -> str:
    """The assessment of a plain question that the first passage answers; `changes` replace parts of it."""
    counts = changes.pop("counts", {})
    data = {
        "factors": {factor.value: _factor(counts.get(factor, 0)) for factor in Factor},
        "intent": "information",
        "category": "other",
        "support": 0.9,
        "cited": [1],
        "account_matter": False,
        "asked_for_person": False,
        "safety": False,
        "injection": False,
        "underspecified": False,
        "smalltalk": "",
        "language": "en",
        "topics": ["opening hours"],
        "summary": "Asks for the opening hours.",
    }
    return json.dumps(data | changes)


def _factor(count: int) -> dict[str, Any]:
    return {"count": count, "evidence": ["the customer's words"] if count else []}


class ScriptedModel(ModelProvider):
    """Says the lines of `gather`, `assess` and `compose` one after the other, the last one again and again.

    A line is a text, tool calls, or an error to raise; `stops` ends the replies of a purpose with another reason, or
    with a list of reasons one after the other.
    """

    name, model = "scripted", "scripted-1"

    def __init__(
        self,
        *,
        gather: Sequence[Line] = ("Enough.",),
        assess: Sequence[Line] = (),
        compose: Sequence[Line] = ("We open at 9. [1]",),
        stops: dict[Purpose, StopReason | list[StopReason]] | None = None,
        languages: frozenset[str] | None = None,
        before: Callable[[ModelRequest], None] = lambda request: None,
    ) -> None:
        self.lines = {
            Purpose.GATHER: list(gather),
            Purpose.ASSESS: list(assess or (assessment(),)),
            Purpose.COMPOSE: list(compose),
        }
        self.stops = stops or {}
        self.capabilities = Capabilities(languages=languages)
        self.before = before
        self.requests: list[ModelRequest] = []

    def asked(self, purpose: Purpose) -> list[ModelRequest]:
        return [request for request in self.requests if request.purpose is purpose]

    def converse(self, request: ModelRequest) -> ModelReply:
        self.before(request)
        self.requests.append(request)
        lines = self.lines[request.purpose]
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        if isinstance(line, Exception):
            raise line
        content = (Text(line),) if isinstance(line, str) else tuple(line)
        usual = StopReason.END_TURN if isinstance(line, str) else StopReason.TOOL_USE
        return ModelReply(
            message=ModelMessage("assistant", content),
            stop_reason=self._stop(request.purpose, usual),
            usage=Usage(input_tokens=100, output_tokens=10),
            model=self.model,
            provider=self.name,
        )

    def _stop(self, purpose: Purpose, usual: StopReason) -> StopReason:
        stop = self.stops.get(purpose, usual)
        return stop.pop(0) if isinstance(stop, list) else stop
