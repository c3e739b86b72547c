import time
from collections.abc import Callable, Sequence

import pytest

from agents.errors import ModelError
from agents.providers.base import (
    Capabilities,
    ModelMessage,
    ModelProvider,
    ModelReply,
    ModelRequest,
    StopReason,
    Text,
    Usage,
)
from conversations.insights.generation import Summary, summary_generate
from conversations.interactions.types import History

Line = str | ModelError | float  # what it says, an error it raises, seconds it takes


class Model(ModelProvider):
    """Says its lines one after the other, the last one again and again."""

    capabilities = Capabilities()

    def __init__(self, alias: str, lines: Sequence[Line], *, cached: int = 0) -> None:
        self.name, self.model = alias, f"{alias}-1"
        self.lines, self.cached = list(lines), cached
        self.requests: list[ModelRequest] = []

    def converse(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        line = self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]
        if isinstance(line, ModelError):
            raise line
        message = ModelMessage("assistant", (Text(str(line)),))
        usage = Usage(input_tokens=100, output_tokens=10, cache_read_tokens=self.cached)
        return ModelReply(message, StopReason.END_TURN, usage, self.model, self.name)


_MODELS: dict[str, Model] = {}


def hand_over(alias: str) -> Model:
    return _MODELS[alias]


@pytest.fixture
def models(db, settings) -> Callable[..., list[Model]]:
    """Sets the route to "primary" and "secondary", as many as lines are given, and the embedded engine after them."""

    def build(*lines: Sequence[Line], cached: int = 0) -> list[Model]:
        made = [Model(alias, own, cached=cached) for alias, own in zip(("primary", "secondary"), lines, strict=False)]
        _MODELS.update({model.name: model for model in made})
        backend = "tests.conversations.insights.generation.conftest.hand_over"
        settings.MODEL_PROVIDERS = {
            "local": {"BACKEND": "agents.providers.local.LocalProvider"},
            **{model.name: {"BACKEND": backend, "OPTIONS": {"alias": model.name}} for model in made},
        }
        settings.MODEL_ROUTE = [*(model.name for model in made), "local"]
        return made

    return build


@pytest.fixture
def summarise(db) -> Callable[..., Summary]:
    def summarise(history: History, *, intent: str = "misc", seconds: float = 7.5) -> Summary:
        deadline = time.monotonic() + seconds
        return summary_generate(history, intent=intent, scope="insights", run_id="ins_1", deadline=deadline)

    return summarise
