"""What each operation of the service checks and answers."""

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from tests.simulators.bedrock.answers import Answer, converse_answer, stream_answer
from tests.simulators.bedrock.cache import Split
from tests.simulators.bedrock.models import model_find
from tests.simulators.bedrock.rules import request_check
from tests.simulators.bedrock.script import Call, Item, Reply
from tests.simulators.bedrock.shapes import parameters_check

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

    def answer(self, reply: Reply) -> Answer:
        elapsed = round((time.monotonic() - self._started) * 1000)
        return self._shape(reply, self._accounted(), elapsed)

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


OPERATIONS: dict[str, type[Operation]] = {
    "Converse": Converse,
    "ConverseStream": ConverseStream,
}
