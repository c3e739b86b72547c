import time
from collections.abc import Callable

import pytest

from agents.providers.base import ModelMessage, ModelRequest, Purpose, Text
from agents.providers.bedrock import BedrockProvider

NOVA = "eu.amazon.nova-2-lite-v1:0"
CLAUDE = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"

Ask = Callable[..., ModelRequest]


@pytest.fixture
def nova(bedrock) -> BedrockProvider:
    return BedrockProvider(alias="primary", model_id="amazon.nova-2-lite-v1:0")


@pytest.fixture
def claude(bedrock) -> BedrockProvider:
    return BedrockProvider(alias="secondary", model_id="anthropic.claude-haiku-4-5-20251001-v1:0")


@pytest.fixture
def ask() -> Ask:
    """A request with much time: the machine may be busy: ``ask("Hello")``."""

    def ask(text: str = "Hello", *, seconds: float = 60.0, system: str = "Be kind.", **options) -> ModelRequest:
        messages = options.pop("messages", (ModelMessage("user", (Text(text),)),))
        purpose = options.pop("purpose", Purpose.GATHER)
        return ModelRequest(purpose, system, messages, time.monotonic() + seconds, **options)

    return ask
