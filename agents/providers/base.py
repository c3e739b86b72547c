"""What a model provider is: our own requests and replies, shaped like Bedrock Converse, so that each provider is a thin
translation and none of its types leaves its module.

A conversation alternates `user` and `assistant` messages of content blocks. A reply that stops with `TOOL_USE` holds
one or more `ToolUse` blocks; the next user message answers every one of them with a `ToolResult`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal


class Purpose(StrEnum):
    """Why the model is asked. Goes into the cost ledger; routers and caches may treat purposes differently."""

    GATHER = "gather"
    ASSESS = "assess"
    COMPOSE = "compose"
    SUMMARISE = "summarise"
    JUDGE = "judge"
    ANALYSE = "analyse"  # a question of staff becomes a query spec
    SHORTEN = "shorten"  # a consultant wants a draft shorter


class StopReason(StrEnum):
    END_TURN = "end_turn"
    TOOL_USE = "tool_use"
    MAX_TOKENS = "max_tokens"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class ToolUse:
    """The model's wish to call a tool. `input` is unchecked."""

    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True)
class ToolResult:
    """A tool's answer. `text` holds it in a delimited block, for it is untrusted."""

    tool_use_id: str
    text: str
    status: Literal["success", "error"] = "success"


ContentBlock = Text | ToolUse | ToolResult


@dataclass(frozen=True)
class ModelMessage:
    role: Literal["user", "assistant"]
    content: tuple[ContentBlock, ...]

    @property
    def text(self) -> str:
        return "".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        return tuple(block for block in self.content if isinstance(block, ToolUse))


@dataclass(frozen=True)
class ToolSpec:
    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class OutputSchema:
    """The JSON the reply's text must be. Providers without structured output force a tool of this name instead."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ModelRequest:
    """One question to a model. `system` is ours alone; untrusted text is in delimited blocks of `messages`.

    `deadline` is a `time.monotonic()` instant after which nobody waits for the reply any more.
    """

    purpose: Purpose
    system: str
    messages: tuple[ModelMessage, ...]
    deadline: float
    tools: tuple[ToolSpec, ...] = ()
    output: OutputSchema | None = None
    max_tokens: int = 1024


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. `input_tokens` is the uncached part."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Charge:
    """What one call is billed with, by which service tier and price table. A `ModelReply` holds the same."""

    usage: Usage
    tier: str = ""
    price_version: str = ""


@dataclass(frozen=True)
class ModelReply:
    """What came back. `model` is the one that really answered, `provider` the alias it stands under in the ledger.

    `first_byte_ms` is the time to the first event of a streamed reply. `tier` and `price_version` say by which prices
    the cost was computed; they are empty for a model that costs nothing.
    """

    message: ModelMessage
    stop_reason: StopReason
    usage: Usage
    model: str
    provider: str
    first_byte_ms: int | None = None
    tier: str = ""
    price_version: str = ""

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        return self.message.tool_uses


@dataclass(frozen=True)
class Capabilities:
    """What the model behind a provider can do; callers and routers ask instead of comparing names.

    `languages` are ISO 639-1 codes; None means that the model copes with any. What is `in_process` sends nothing
    anywhere, so that personal data need not be hidden from it.
    """

    tools: bool = True
    structured_output: bool = True
    streaming: bool = False
    languages: frozenset[str] | None = None
    in_process: bool = False
    cache_points: frozenset[Literal["system", "tools", "messages"]] = field(default_factory=frozenset)


class ModelProvider(ABC):
    """A model one can converse with. Implementations are safe to share between threads."""

    name: str
    model: str
    capabilities: Capabilities
    remarks: tuple[str, ...] = ()  # what an administrator should know of how it is set up, a sentence each

    def prepare(self) -> None:  # noqa: B027 - a provider that loads nothing has nothing to prepare
        """Load what a first message would otherwise wait for. Safe to call at every start."""

    @abstractmethod
    def converse(self, request: ModelRequest) -> ModelReply:
        """Answer `request`. Raises a subclass of `agents.errors.ModelError`, nothing of its own."""

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        """Like `converse`, and hands over the reply's text piece by piece as it is made.

        An exception of `on_text` ends the call and comes through as it is: so a guard withdraws a reply.
        """
        reply = self.converse(request)
        on_text(reply.text)
        return reply
