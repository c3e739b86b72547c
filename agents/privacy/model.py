"""A model elsewhere, seen through the vault of a run: the one place where personal data is hidden and put back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from agents.privacy.vault import Restoring, Vault
from agents.providers.base import (
    Capabilities,
    ContentBlock,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    Text,
    ToolResult,
    ToolUse,
)


@dataclass
class PrivateModel(ModelProvider):
    """Converses like `inner`, which reads tokens where its callers have data. Lives for one run."""

    inner: ModelProvider
    vault: Vault

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.inner.name

    @property
    def model(self) -> str:  # type: ignore[override]
        return self.inner.model

    @property
    def capabilities(self) -> Capabilities:  # type: ignore[override]
        return self.inner.capabilities

    def prepare(self) -> None:
        self.inner.prepare()

    def converse(self, request: ModelRequest) -> ModelReply:
        return self._restored(request, self.inner.converse(self._hidden(request)))

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        restoring = Restoring(self.vault, on_text)
        reply = self.inner.converse_stream(self._hidden(request), restoring)
        restoring.close()
        return self._restored(request, reply)

    def _hidden(self, request: ModelRequest) -> ModelRequest:
        """The system prompt and the tools are ours and the same for everybody: they hold nothing personal."""
        return replace(request, messages=tuple(self._message(message, self._hide) for message in request.messages))

    def _restored(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        is_json = request.output is not None
        return replace(reply, message=self._message(reply.message, self._restore_json if is_json else self._restore))

    def _message(self, message: ModelMessage, change: Callable[[ContentBlock], ContentBlock]) -> ModelMessage:
        return replace(message, content=tuple(change(block) for block in message.content))

    def _hide(self, block: ContentBlock) -> ContentBlock:
        match block:
            case ToolUse():
                return replace(block, input=self.vault.hide_all(block.input))
            case Text() | ToolResult():
                return replace(block, text=self.vault.hide(block.text))

    def _restore(self, block: ContentBlock) -> ContentBlock:
        match block:
            case ToolUse():
                return replace(block, input=self.vault.restore_all(block.input))
            case Text() | ToolResult():
                return replace(block, text=self.vault.restore(block.text))

    def _restore_json(self, block: ContentBlock) -> ContentBlock:
        if isinstance(block, Text):
            return replace(block, text=self.vault.restore_json(block.text))
        return self._restore(block)
