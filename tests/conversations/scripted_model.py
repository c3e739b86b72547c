"""A model that says what the test wants: the fake at the provider line.

It calls no tool. `says` picks what it thinks of the next messages. A test can let something happen during a run:
`meanwhile` is called once while it thinks, `before_reply` and `after_reply` around what it writes.
"""

import json
from collections.abc import Callable
from threading import Lock
from typing import Any

from agents.errors import ModelUnavailable
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
from agents.types import Factor

QUESTION_BACK = "Which of your cards do you mean?"


class ScriptedModel(ModelProvider):
    name = "scripted"
    model = "scripted-1"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.says = "thanks"
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] | None = None
        self.before_reply: Callable[[], None] = lambda: None
        self.after_reply: Callable[[], None] = lambda: None
        self._lock = Lock()

    def converse(self, request: ModelRequest) -> ModelReply:
        if self.says == "nothing":
            raise ModelUnavailable("The model is away.")
        return ModelReply(
            message=ModelMessage("assistant", (Text(self._text(request)),)),
            stop_reason=StopReason.END_TURN,
            usage=Usage(input_tokens=10, output_tokens=5),
            model=self.model,
            provider=self.name,
        )

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        self.before_reply()
        reply = self.converse(request)
        on_text(reply.text + "\n\n")  # what ends a sentence, so that it is passed on at once
        self.after_reply()
        return reply

    def _text(self, request: ModelRequest) -> str:
        match request.purpose:
            case Purpose.GATHER:
                self.asked.append(request.messages[0].text)
                self._let_happen()
                return "Enough."
            case Purpose.ASSESS:
                return json.dumps(self._assessment())
            case Purpose.COMPOSE:
                return QUESTION_BACK

    def _let_happen(self) -> None:
        with self._lock:
            meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()

    def _assessment(self) -> dict[str, Any]:
        thanks = self.says == "thanks"
        return {
            "factors": {factor.value: self._factor(factor) for factor in Factor},
            "intent": "thanks" if thanks else "question",
            "category": "other",
            "support": 0.0,
            "cited": [],
            "account_matter": self.says == "account",
            "asked_for_person": self.says == "person",
            "safety": False,
            "injection": False,
            "underspecified": self.says == "clarify",
            "smalltalk": "thanks" if thanks else "",
            "language": "en",
            "topics": [],
            "summary": "A short summary.",
        }

    def _factor(self, factor: Factor) -> dict[str, Any]:
        found = self.says == "clarify" and factor is Factor.UNCLEAR_INFO
        return {"count": int(found), "evidence": ["which one"] if found else []}
