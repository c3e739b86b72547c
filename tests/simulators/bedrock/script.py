"""What a test tells the simulator to say. Faults are in `faults`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from agents.providers.base import ToolUse

if TYPE_CHECKING:
    from tests.simulators.bedrock.exchange import Exchange


@dataclass
class Call:
    """A request that came in. `model_id` is the guardrail's id for ApplyGuardrail. `refused` is the message of a
    refusal by the service's rules; `abandoned` says that the client left before it had its whole answer."""

    operation: str
    model_id: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    refused: str = ""
    abandoned: bool = False

    @property
    def purpose(self) -> str:
        return self.body.get("requestMetadata", {}).get("purpose", "")


class Item(Protocol):
    """Answers one call, or fails to, each kind in its way."""

    def play(self, exchange: "Exchange") -> None: ...


Line = Item | Callable[[Call], Item]  # an item, or what picks one when it has seen the call


@dataclass(frozen=True)
class LatencyProfile:
    """Seconds until the first byte, and between the events of a stream."""

    first_byte: float = 0.0
    per_event: float = 0.0


@dataclass(frozen=True)
class Reply:
    """A good answer. A tool use without an id gets one. `stop_reason` follows from the content unless given;
    `usage` replaces members of the counted usage (inputTokens, cacheReadInputTokens, …)."""

    text: str = ""
    tool_uses: Sequence[ToolUse] = ()
    stop_reason: str = ""
    usage: Mapping[str, int] | None = None
    reasoning: str = ""
    trace: Mapping[str, Any] | None = None

    def play(self, exchange: "Exchange") -> None:
        exchange.deliver(exchange.answer(self))


PLAIN = Reply("This is a simulated answer, made to be long enough for several events of a stream.")
