"""The embedded engine: needs no account, no network and no model download.

It speaks the provider interface like a large model and works extractively: it reads with lexicons, rules and vectors of
a small embedding model, and answers with quotations. It never pretends to be more.
"""

import json
import time
from collections.abc import Callable, Sequence
from functools import lru_cache

from agents.categories import shipped_categories
from agents.errors import ModelTimeout
from agents.providers.base import (
    Capabilities,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    Purpose,
    StopReason,
    Text,
    ToolResult,
    ToolUse,
    Usage,
)
from agents.providers.local.assessing import assessment_make
from agents.providers.local.composing import reply_write
from agents.providers.local.dossier import Dossier, dossier_read
from agents.providers.local.gathering import tools_wanted
from agents.providers.local.language import ENGLISH
from agents.providers.local.shortening import shorter_write
from agents.providers.local.summarising import summary_make
from agents.providers.local.vectors import memory

ENOUGH = "I have what I need."
FIRST_MESSAGE = "My table has not arrived, and I find that annoying. How do I track my order, and what does it cost?"


class LocalProvider(ModelProvider):
    """Extractive engine behind the model interface; shared by the threads of a process."""

    name = "local"
    model = "local-extractive"
    capabilities = Capabilities(streaming=True, in_process=True, languages=frozenset({ENGLISH}))

    def prepare(self) -> None:
        """Load what a first message would otherwise wait for (about two seconds): read one, with all that takes."""
        facts = {"categories": shipped_categories()}
        nothing: frozenset[str] = frozenset()
        assessment_make(Dossier("", FIRST_MESSAGE, "", (), facts, (), nothing, nothing))
        _text_tokens(FIRST_MESSAGE)

    def converse(self, request: ModelRequest) -> ModelReply:
        return self.converse_stream(request, lambda _: None)

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        if time.monotonic() >= request.deadline:
            raise ModelTimeout("The deadline of the call had passed.")
        if request.purpose is Purpose.SUMMARISE:
            return self._reply(request, [Text(json.dumps(summary_make(request), ensure_ascii=False))])
        if request.purpose is Purpose.SHORTEN:
            return self._reply(request, [Text(shorter_write(request))])
        dossier = dossier_read(request)
        match request.purpose:
            case Purpose.GATHER:
                uses = tools_wanted(dossier)
                return self._reply(request, uses or [Text(ENOUGH)])
            case Purpose.ASSESS:
                return self._reply(request, [Text(json.dumps(assessment_make(dossier)))])
        parts = []
        for part in reply_write(dossier):
            on_text(part)
            parts.append(part)
        return self._reply(request, [Text("".join(parts))])

    def _reply(self, request: ModelRequest, content: Sequence[Text | ToolUse]) -> ModelReply:
        wants_tools = any(isinstance(block, ToolUse) for block in content)
        message = ModelMessage("assistant", tuple(content))
        return ModelReply(
            message=message,
            stop_reason=StopReason.TOOL_USE if wants_tools else StopReason.END_TURN,
            usage=Usage(input_tokens=_tokens(*request.messages), output_tokens=_tokens(message)),
            model=self.model,
            provider=self.name,
        )


def _tokens(*messages: ModelMessage) -> int:
    return sum(_text_tokens(_block_text(block)) for message in messages for block in message.content)


def _block_text(block: Text | ToolUse | ToolResult) -> str:
    return json.dumps(dict(block.input)) if isinstance(block, ToolUse) else block.text


@lru_cache(maxsize=512)
def _text_tokens(text: str) -> int:
    return memory.token_count(text)
