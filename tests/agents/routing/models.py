"""Models for the router to ask: they answer, fail, or do what the test wants."""

from collections.abc import Callable
from decimal import Decimal

from agents.providers.base import (
    Capabilities,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    Purpose,
    StopReason,
    Text,
    Usage,
)

USED = Usage(input_tokens=100, output_tokens=10, cost_usd=Decimal("0.01"))


class Model(ModelProvider):
    """Answers with its name after `seconds` of simulated time; raises `error` instead while it has one.

    `pieces` are told before it does either, each after `gap` seconds. It looks at no deadline.
    """

    def __init__(
        self,
        name: str,
        error: Exception | None = None,
        *,
        pieces: tuple[str, ...] = (),
        gap: float = 0.0,
        seconds: float = 0.0,
        languages: frozenset[str] | None = None,
    ) -> None:
        self.name, self.model = name, f"model-of-{name}"
        self.capabilities = Capabilities(languages=languages)
        self.error = error
        self.pieces, self.gap, self.seconds = pieces, gap, seconds
        self.sleep: Callable[[float], None] = lambda seconds: None
        self.asked: list[ModelRequest] = []

    def converse(self, request: ModelRequest) -> ModelReply:
        return self.converse_stream(request, lambda _: None)

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        self.asked.append(request)
        for piece in self.pieces:
            self._think(self.gap)
            on_text(piece)
        self._think(self.seconds)
        if self.error is not None:
            raise self.error
        message = ModelMessage("assistant", (Text(f"{self.name} says so"),))
        return ModelReply(message, StopReason.END_TURN, USED, self.model, self.name)

    def _think(self, seconds: float) -> None:
        if seconds:
            self.sleep(seconds)


def request_make(deadline: float = 1e12, purpose: Purpose = Purpose.GATHER) -> ModelRequest:
    return ModelRequest(purpose, "You answer.", (ModelMessage("user", (Text("Hello?"),)),), deadline)
