"""What Bedrock answers, whole or in events, as our replies. It is untrusted: what is not as it must be is refused."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from agents.errors import ContextTooLong, InvalidModelOutput
from agents.providers.base import ContentBlock, ModelMessage, OutputSchema, StopReason, Text, ToolUse, Usage
from agents.providers.bedrock.models import Prices

CHARS_PER_TOKEN = 16  # more than any text has; a longer answer did not keep to its token limit
_STOP_REASONS = {
    "end_turn": StopReason.END_TURN,
    "stop_sequence": StopReason.END_TURN,
    "tool_use": StopReason.TOOL_USE,
    "max_tokens": StopReason.MAX_TOKENS,
    "guardrail_intervened": StopReason.REFUSED,
    "content_filtered": StopReason.REFUSED,
    "malformed_model_output": StopReason.MALFORMED,
    "malformed_tool_use": StopReason.MALFORMED,
}


@dataclass
class Answer:
    """A whole answer of the service."""

    content: tuple[ContentBlock, ...]
    stop_reason: StopReason
    usage: Mapping[str, Any]

    def message(self, forced: OutputSchema | None) -> tuple[ModelMessage, StopReason]:
        """The message and why it ended. The input of a forced tool is what was asked for: it becomes the text."""
        uses = [block for block in self.content if isinstance(block, ToolUse)]
        if forced is None or self.stop_reason is not StopReason.TOOL_USE:
            return ModelMessage("assistant", self.content), self.stop_reason
        if len(uses) != 1 or uses[0].name != forced.name:
            raise InvalidModelOutput("The model called another tool than the one it was told to.")
        return ModelMessage("assistant", (Text(json.dumps(dict(uses[0].input))),)), StopReason.END_TURN


def usage_read(usage: Mapping[str, Any], prices: Prices, factor: Decimal) -> Usage:
    """Tokens and cost. Raises `InvalidModelOutput` when they are missing or no counts."""
    names = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    counts = [usage.get(name, 0 if name.startswith("cache") else None) for name in names]
    if not all(isinstance(count, int) and 0 <= count < 2**31 for count in counts):
        raise InvalidModelOutput("The answer does not say what it used.")
    return prices.cost(input=counts[0], output=counts[1], cache_read=counts[2], cache_write=counts[3], factor=factor)


def answer_read(response: Mapping[str, Any], *, max_tokens: int) -> Answer:
    """The answer of Converse. Raises `InvalidModelOutput`, `ContextTooLong`."""
    try:
        content = tuple(_blocks(response["output"]["message"]["content"]))
        answer = Answer(content, _stop_reason(response["stopReason"]), response["usage"])
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidModelOutput("The answer is not shaped like one.") from error
    _length_check(sum(_chars(block) for block in content), max_tokens)
    return answer


def _blocks(content: Iterable[Mapping[str, Any]]) -> Iterable[ContentBlock]:
    """Text and tool uses; what else a model may say (its reasoning) is not for us."""
    for block in content:
        if "text" in block:
            yield Text(str(block["text"]))
        elif "toolUse" in block:
            yield _tool_use(block["toolUse"])


def _tool_use(use: Mapping[str, Any]) -> ToolUse:
    arguments = use["input"]
    if not isinstance(arguments, Mapping):
        raise InvalidModelOutput("A tool was called with something else than named arguments.")
    return ToolUse(str(use["toolUseId"]), str(use["name"]), arguments)


def _stop_reason(told: Any) -> StopReason:
    if told == "model_context_window_exceeded":
        raise ContextTooLong("The conversation is too long for this model.")
    if told not in _STOP_REASONS:
        raise InvalidModelOutput(f"The answer ended for an unknown reason: {str(told)[:60]}.")
    return _STOP_REASONS[told]


def _chars(block: ContentBlock) -> int:
    return len(json.dumps(dict(block.input))) if isinstance(block, ToolUse) else len(block.text)


def _length_check(chars: int, max_tokens: int) -> None:
    if chars > max_tokens * CHARS_PER_TOKEN:
        raise InvalidModelOutput(f"The answer is longer than {max_tokens} tokens can be.")


# --- Events of ConverseStream ----------------------------------------------------------------------------------------
@dataclass
class _Block:
    """A content block as far as it has come. `use` is the head of a tool use, whose input comes in fragments."""

    use: Mapping[str, Any] | None = None
    pieces: list[str] = field(default_factory=list)

    def finish(self) -> ContentBlock:
        text = "".join(self.pieces)
        if self.use is None:
            return Text(text)
        try:
            return _tool_use({**self.use, "input": json.loads(text or "{}")})
        except ValueError as error:
            raise InvalidModelOutput("The arguments of a tool call are no JSON.") from error


@dataclass
class StreamReader:
    """Puts the events of one stream together and hands text over as it comes."""

    on_text: Callable[[str], None]
    max_tokens: int
    _blocks: dict[int, _Block] = field(default_factory=dict)
    _stop_reason: StopReason | None = None
    usage: Mapping[str, Any] | None = None
    _chars: int = 0

    def read(self, event: Mapping[str, Any]) -> None:
        """Take one event. Raises `InvalidModelOutput`, `ContextTooLong`, and what `on_text` raises."""
        piece = ""
        try:
            piece = self._take(event)
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidModelOutput("An event of the answer is not shaped like one.") from error
        if piece:
            self.on_text(piece)

    def answer(self) -> Answer:
        """The whole answer. Only `messageStop` and `metadata` together say that it is: a stream may just end."""
        if self._stop_reason is None or self.usage is None:
            raise InvalidModelOutput("The answer broke off.")
        blocks = [self._blocks[index] for index in sorted(self._blocks)]
        content = tuple(block.finish() for block in blocks if block.use or any(block.pieces))
        return Answer(content, self._stop_reason, self.usage)

    def _take(self, event: Mapping[str, Any]) -> str:
        """Note `event`; the text that it brings."""
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            self._block(start).use = start["start"].get("toolUse")
        elif "contentBlockDelta" in event:
            return self._grow(event["contentBlockDelta"])
        elif "messageStop" in event:
            self._stop_reason = _stop_reason(event["messageStop"]["stopReason"])
        elif "metadata" in event:
            self.usage = event["metadata"]["usage"]
        return ""

    def _grow(self, told: Mapping[str, Any]) -> str:
        delta, block = told["delta"], self._block(told)
        piece = delta["toolUse"]["input"] if "toolUse" in delta else delta.get("text", "")
        self._chars += len(piece)
        _length_check(self._chars, self.max_tokens)
        block.pieces.append(piece)
        return "" if block.use else piece

    def _block(self, told: Mapping[str, Any]) -> _Block:
        return self._blocks.setdefault(told["contentBlockIndex"], _Block())
