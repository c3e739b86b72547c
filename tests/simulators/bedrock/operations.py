"""What each operation of the service checks and answers."""

import time
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.simulators.bedrock.answers import Answer, converse_answer, json_answer, stream_answer
from tests.simulators.bedrock.cache import Split
from tests.simulators.bedrock.guarding import guarded, guardrail_check
from tests.simulators.bedrock.guardrails import Passage, application
from tests.simulators.bedrock.models import TITAN_V2, model_find
from tests.simulators.bedrock.refusals import invalid, not_found
from tests.simulators.bedrock.rules import request_check
from tests.simulators.bedrock.rules.messages import messages_check
from tests.simulators.bedrock.rules.tools import tools_check
from tests.simulators.bedrock.script import Call, Item, Reply
from tests.simulators.bedrock.shapes import parameters_check
from tests.simulators.bedrock.titan import embedding_answer, embedding_check
from tests.simulators.bedrock.tokens import request_tokens, text_tokens

if TYPE_CHECKING:
    from tests.simulators.bedrock.simulator import Simulator


class Operation(ABC):
    """One call: first `check`, then `answer` for the item that plays, which is `default` when none is scripted."""

    def __init__(self, simulator: "Simulator", call: Call) -> None:
        self.simulator = simulator
        self.call = call

    @abstractmethod
    def check(self) -> None:
        """Raises `Refusal` for what the service would not take."""

    @abstractmethod
    def answer(self, reply: Reply) -> Answer:
        """The wire form of the right answer; what a model says is in `reply`, other operations do not look at it."""

    @abstractmethod
    def default(self) -> Item:
        """What answers an unscripted call."""


class Converse(Operation):
    def __init__(self, simulator: "Simulator", call: Call) -> None:
        super().__init__(simulator, call)
        self._started = time.monotonic()
        self._split: Split | None = None

    def check(self) -> None:
        parameters_check(self.call.operation, {"modelId": self.call.model_id, **self.call.body})
        request_check(self.call.body, model_find(self.call.model_id))
        guardrail_check(self.call.body, self.simulator.guardrails)

    def answer(self, reply: Reply) -> Answer:
        """Counted, and after the guardrail that the request names has seen it."""
        elapsed = round((time.monotonic() - self._started) * 1000)
        return self._shape(guarded(reply, self.call.body, self.simulator.guardrails), self._accounted(), elapsed)

    def default(self) -> Item:
        return self.simulator.reply_default(self.call)

    def _shape(self, reply: Reply, split: Split, latency_ms: int) -> Answer:
        return converse_answer(reply, split, latency_ms)

    def _accounted(self) -> Split:
        """The call's input tokens, counted against the cache once however often the answer is made."""
        if self._split is None:
            rules = model_find(self.call.model_id).cache
            self._split = self.simulator.cache.split(self.call.model_id, self.call.body, rules)
        return self._split


class ConverseStream(Converse):
    def _shape(self, reply: Reply, split: Split, latency_ms: int) -> Answer:
        return stream_answer(reply, split, latency_ms)


class _Plain(Operation):
    """No model speaks: the answer follows from the request."""

    def default(self) -> Item:
        return Reply()


class ApplyGuardrail(_Plain):
    def check(self) -> None:
        parameters_check("ApplyGuardrail", {"guardrailIdentifier": self.call.model_id, **self.call.body})
        if self._name not in self.simulator.guardrails:
            raise not_found("The guardrail identifier or version provided in the request does not exist.")
        if not self.call.body["content"]:
            raise invalid("The content of ApplyGuardrail holds nothing to evaluate.")

    def answer(self, reply: Reply) -> Answer:
        body, guardrail = self.call.body, self.simulator.guardrails[self._name]
        passages = [
            Passage(block["text"]["text"], frozenset(block["text"].get("qualifiers", ())))
            for block in body["content"]
            if "text" in block
        ]
        return json_answer(application(guardrail, body["source"], passages))

    @property
    def _name(self) -> tuple[str, str]:
        return self.call.model_id, self.call.body["guardrailVersion"]


class InvokeModel(_Plain):
    """Of Titan embeddings alone; models that converse are asked by Converse."""

    def check(self) -> None:
        if self.call.model_id != TITAN_V2:
            raise not_found(f"Could not resolve the embedding model from the model identifier: {self.call.model_id}")
        if self.call.headers.get("content-type") != "application/json":
            raise invalid("The content type of the request must be application/json.")
        embedding_check(self.call.body)

    def answer(self, reply: Reply) -> Answer:
        data = embedding_answer(self.call.body, self.simulator.embed)
        return json_answer(data, x_amzn_bedrock_input_token_count=str(data["inputTextTokenCount"]))


class CountTokens(_Plain):
    def check(self) -> None:
        parameters_check("CountTokens", {"modelId": self.call.model_id, **self.call.body})
        if not model_find(self.call.model_id, by_profile=False).counts_tokens:
            raise invalid("The provided model doesn't support counting tokens.")
        if converse := self.call.body["input"].get("converse"):
            messages_check(converse.get("messages", []))
            tools_check(converse)

    def answer(self, reply: Reply) -> Answer:
        asked = self.call.body["input"]
        tokens = request_tokens(asked["converse"]) if "converse" in asked else _body_tokens(asked["invokeModel"])
        return json_answer({"inputTokens": tokens})


def _body_tokens(asked: Mapping[str, str]) -> int:
    return text_tokens(b64decode(asked["body"]).decode())


OPERATIONS: dict[str, type[Operation]] = {
    operation.__name__: operation for operation in (Converse, ConverseStream, ApplyGuardrail, InvokeModel, CountTokens)
}
