"""What of a run may be other than settings, prompts in use and policy say: to try something out."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.errors import ToolError
from agents.prompts import PromptSet
from agents.types import Tool

NOT_ASKED = "Not available: this is a replay, and the run it repeats did not make this call."


@dataclass
class Recorded:
    """What the tools of an earlier run answered, found by the call: the same name and arguments, to the letter.

    A call that was made twice answers in that order, and then as it did last.
    """

    answers: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, results: Iterable[Mapping[str, Any]]) -> "Recorded":
        """From `results` of `agents.journal.results_of`."""
        recorded = cls()
        for result in results:
            recorded.answers[_key(*result["call"])].append(result)
        return recorded

    def find(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answers = self.answers.get(_key(name, arguments))
        if not answers:
            return None
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass(frozen=True)
class Variant:
    """The difference. `route` are aliases of settings.MODEL_PROVIDERS, asked in this order; `threshold` holds whatever
    channel and category say; `scope` is what the run and its costs are booked under.

    `opened` is told the id of the run before it does anything.

    With `recorded` the run is dry: it changes nothing and asks no other system but models. Its tools answer as they did
    in the run that is repeated; where they were not asked, only those do that read our own tables.
    """

    route: tuple[str, ...] | None = None
    prompts: PromptSet | None = None
    threshold: int | None = None
    scope: str = ""
    recorded: Recorded | None = None
    opened: Callable[[str], object] = lambda run_id: None

    def own(self, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        """`tools` of ours, as this variant lets a run use them."""
        return tuple(self._tool(tool, live=tool.effect == "reads") for tool in tools)

    def foreign(self, tools: Iterable[Tool]) -> tuple[Tool, ...]:
        """`tools` that ask other systems, likewise."""
        return tuple(self._tool(tool, live=False) for tool in tools)

    def _tool(self, tool: Tool, *, live: bool) -> Tool:
        return tool if self.recorded is None else _replayed(tool, self.recorded, live=live)


AS_EVER = Variant()


def _replayed(tool: Tool, recorded: Recorded, *, live: bool) -> Tool:
    def call(*of_server: Any, **arguments: Any) -> Any:
        kept = recorded.find(tool.name, arguments)
        if kept is None and live:
            return tool.call(*of_server, **arguments)
        if kept is None or kept["error"]:
            raise ToolError(kept["error"] if kept else NOT_ASKED)
        return kept["data"]

    return replace(tool, call=call)


def _key(name: str, arguments: Mapping[str, Any]) -> str:
    return f"{name} {json.dumps(arguments, sort_keys=True, default=str)}"
