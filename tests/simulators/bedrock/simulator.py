"""The simulator itself: what it was told to say, and what it was asked."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from tests.simulators.bedrock.answers import refusal_answer
from tests.simulators.bedrock.cache import PromptCache
from tests.simulators.bedrock.exchange import Exchange
from tests.simulators.bedrock.exchange import Line as Connection
from tests.simulators.bedrock.guardrails import Guardrail
from tests.simulators.bedrock.operations import OPERATIONS, Operation
from tests.simulators.bedrock.refusals import Refusal
from tests.simulators.bedrock.script import Call, Item, LatencyProfile, Line, Reply
from tests.simulators.bedrock.titan import Embed, local_vector


class Simulator:
    """Answers calls as scripted. Safe to use from the threads of tests and server.

    `clock` (seconds) drives the prompt cache; `reply_default` answers what nobody scripted and `embed` makes vectors.
    `guardrails` are the account's by id and version. `failures` are errors of the simulator's own.
    """

    def __init__(
        self,
        reply_default: Callable[[Call], Reply],
        embed: Embed = local_vector,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.failures: list[BaseException] = []
        self.guardrails: dict[tuple[str, str], Guardrail] = {}
        self.reply_default = reply_default
        self.embed = embed
        self.cache = PromptCache(clock)
        self._queues: defaultdict[str, deque[Line]] = defaultdict(deque)
        self._always: dict[str, Line] = {}
        self._latencies: dict[str, LatencyProfile] = {}
        self._lock = threading.Lock()

    # --- Telling it what to do ---------------------------------------------------------------------------------------
    def script(self, model_id: str, items: Iterable[Line]) -> None:
        """Queue what the next calls of `model_id` (or of a guardrail's id) get, one item each."""
        with self._lock:
            self._queues[model_id].extend(items)

    def always(self, model_id: str, item: Line) -> None:
        """What calls of `model_id` get when its queue is empty."""
        with self._lock:
            self._always[model_id] = item

    def latency(self, model_id: str, profile: LatencyProfile) -> None:
        with self._lock:
            self._latencies[model_id] = profile

    def calls_of(self, model_id: str) -> list[Call]:
        return [call for call in self.calls if call.model_id == model_id]

    # --- Answering ---------------------------------------------------------------------------------------------------
    def answer(self, call: Call, connection: Connection) -> None:
        """Answer one call, or fail to as scripted. Raises ConnectionError when the client leaves meanwhile."""
        self.calls.append(call)
        operation = OPERATIONS[call.operation](self, call)
        latency = self._latencies.get(call.model_id, LatencyProfile())
        exchange = Exchange(call, connection, operation.answer, latency)
        try:
            operation.check()
            self._next_item(operation).play(exchange)
        except Refusal as refusal:
            call.refused = refusal.message
            exchange.deliver(refusal_answer(refusal))
        except ConnectionError:
            call.abandoned = True
            raise

    def _next_item(self, operation: Operation) -> Item:
        call = operation.call
        with self._lock:
            queue = self._queues[call.model_id]
            line = queue.popleft() if queue else self._always.get(call.model_id)
        if line is None:
            return operation.default()
        return line if hasattr(line, "play") else line(call)
