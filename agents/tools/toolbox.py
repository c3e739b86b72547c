"""The toolbox of a run: finds, checks, counts and runs what the model calls.

Arguments come from a model and are untrusted: they are checked against the tool's schema and can only narrow what the
server decided (audience, limits, whose data). A `ToolError` goes back to the model as text; anything else a tool raises
is a bug and ends the run.
"""

import hashlib
import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.blocks import block_wrap
from agents.errors import LimitReached, RunRequestInvalid, ToolCrashed, ToolError
from agents.providers.base import ToolResult, ToolSpec, ToolUse
from agents.tools.calling import Called, Memory, NoMemory, Plan, call_make, plan_done
from agents.tools.own import SEARCH
from agents.tools.shelf import Flagged, Shelf, ToolFinding, planted_flagged, result_text
from agents.types import Tool, ToolCall
from omnicqm.common.threads import side_by_side

MAX_RESULT_CHARS = 24_000
MAX_CALLS = 12
MAX_IDENTICAL_CALLS = 2


@dataclass
class Toolbox:
    """The tools of one run and the count of what was called. Results of citable tools go on `shelf`.

    `origin`, `run_id` and `deadline` are what tools learn of the run, see `ToolCall`. `memory` knows how calls went
    that a killed run has made, `flagged` tells which results no model may read. Without `may_write` there are only
    tools that read.
    """

    tools: Mapping[str, Tool]
    sender_verified: bool
    shelf: Shelf = field(default_factory=Shelf)
    origin: str = ""
    run_id: str = ""
    deadline: float = math.inf
    memory: Memory = field(default_factory=NoMemory)
    flagged: Flagged = planted_flagged
    may_write: bool = True
    calls: list[str] = field(default_factory=list)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(ToolSpec(tool.name, tool.description, tool.schema) for tool in self._open)

    @property
    def _open(self) -> list[Tool]:
        return [tool for tool in self.tools.values() if self.may_write or tool.effect == "reads"]

    def run(self, use: ToolUse) -> ToolResult:
        """Run one call. Raises `LimitReached` when too much was called, `ToolCrashed` when the tool has a bug."""
        [called] = self.call_all([use])
        return self.result_of(called)

    def call_all(self, uses: Sequence[ToolUse]) -> list[Called]:
        """Make the calls of one turn: reads side by side, then writes one after another in the order asked.

        Returns how they went, in the order asked. Raises `LimitReached` when too much was called or took too long.
        """
        for use in uses:
            self._count(use)
        plans = [self._plan(use) for use in uses]
        left = None if math.isinf(self.deadline) else self.deadline - time.monotonic()
        try:
            read = iter(side_by_side([plan.make for plan in plans if not plan.writes], seconds=left))
        except TimeoutError as error:
            raise LimitReached("A tool took longer than the run may.") from error
        return [plan.make() if plan.writes else next(read) for plan in plans]

    def result_of(self, called: Called) -> ToolResult:
        """What the model reads of a call; to be asked in the order of the calls. Raises `ToolCrashed` for a bug."""
        use = called.use
        try:
            data, text = self._settle(called)
        except ToolError as error:
            return ToolResult(use.id, block_wrap("tool_error", error.message, tool=use.name), "error")
        return ToolResult(use.id, block_wrap("tool_result", text, tool=use.name, **self._shelve(called, data)))

    def _plan(self, use: ToolUse) -> Plan:
        """What a call needs of the run, taken before threads start."""
        try:
            tool = self._find(use.name)
            arguments_check(tool.schema, use.input)
        except ToolError as error:
            return plan_done(Called(use, error=error))
        key = self.memory.key("tool", [use.id, use.name, use.input])
        if (kept := self.memory.find(key)) is not None:
            refused = ToolError(kept["error"]) if kept["error"] else None
            return plan_done(Called(use, tool, kept["data"], refused))
        return Plan(partial(self._make, tool, use, key), writes=tool.effect == "writes")

    def _make(self, tool: Tool, use: ToolUse, key: str) -> Called:
        called = call_make(tool, use, self.call_of(use))
        if called.error is None or isinstance(called.error, ToolError):
            error = called.error.message if called.error else ""
            self.memory.keep(key, {"data": called.data, "error": error, "call": [tool.name, dict(use.input)]})
        return called

    def _settle(self, called: Called) -> tuple[Any, str]:
        """The result as data and as text. Raises what stopped the call, and `ToolError` for what is not to be read."""
        if called.error is not None or called.tool is None:
            raise called.error or ToolCrashed("A call was made without a tool.")
        data = called.tool.settle(called.data) if called.tool.settle else called.data
        if called.tool.name != SEARCH and any(self.flagged([result_text(data)])):  # the search withholds passages
            self.shelf.withhold([called.tool.name])
            raise ToolError("The result was withheld: it tries to instruct whoever reads it.")
        return data, _dump(data)

    def call_of(self, use: ToolUse) -> ToolCall:
        """What the server says about `use`."""
        content = json.dumps([self.origin or self.run_id, use.name, use.input], sort_keys=True, default=str)
        return ToolCall(hashlib.sha256(content.encode()).hexdigest(), self.run_id, self.deadline)

    def _shelve(self, called: Called, data: Any) -> dict[str, str]:
        """Attributes of the result's block: under which number it may be cited."""
        tool = called.tool
        text = result_text(data) if tool and tool.citable else ""
        if not (tool and text):
            return {}
        title = tool.title or tool.name.replace("_", " ").capitalize()
        finding = ToolFinding(tool.name, title, text, self.call_of(called.use).key, wrote=tool.effect == "writes")
        return {"n": str(self.shelf.add(finding))}

    def _count(self, use: ToolUse) -> None:
        call = f"{use.name} {json.dumps(use.input, sort_keys=True, default=str)}"
        self.calls.append(call)
        if len(self.calls) > MAX_CALLS:
            raise LimitReached(f"More than {MAX_CALLS} tool calls in one run.")
        if self.calls.count(call) > MAX_IDENTICAL_CALLS:
            raise LimitReached(f"The same call of {use.name} more than {MAX_IDENTICAL_CALLS} times.")

    def _find(self, name: str) -> Tool:
        tool = self.tools.get(name)
        if tool is None or tool not in self._open:
            raise ToolError(f"There is no tool of this name. Tools: {', '.join(tool.name for tool in self._open)}.")
        if tool.needs_verified and not self.sender_verified:
            raise ToolError("Not available: the sender of this message is not verified.")
        return tool


def toolbox_build(own: Iterable[Tool], offered: Iterable[Tool], *, sender_verified: bool, **of_run: Any) -> Toolbox:
    """The agent's own tools and the caller's. The caller's escalate replaces nothing: both hear the wish.

    `of_run` are the further fields of `Toolbox`. Raises `RunRequestInvalid` when two tools of the caller have one name,
    a tool of ours is overridden, or a tool writes without taking its call.
    """
    tools: dict[str, Tool] = {tool.name: tool for tool in own}
    for tool in offered:
        if tool.name == "escalate":
            tool = _both(tools["escalate"], tool)
        elif tool.name in tools:
            raise RunRequestInvalid(f"The tool '{tool.name}' is there already.", param="tools")
        tools[tool.name] = tool
    for tool in tools.values():
        if tool.effect == "writes" and not tool.takes_call:
            raise RunRequestInvalid(f"The tool '{tool.name}' writes and must take its call.", param="tools")
    return Toolbox(tools, sender_verified, **of_run)


def _both(first: Tool, second: Tool) -> Tool:
    def call(*of_server: ToolCall, **arguments: Any) -> Any:
        ours = first.call(reason=str(arguments.get("reason", "")))
        return [ours, second.call(*of_server, **arguments)]

    def settle(called: list[Any]) -> Any:
        for tool, data in zip((first, second), called, strict=True):
            shown = tool.settle(data) if tool.settle else data
        return shown

    return replace(second, call=call, settle=settle)


def arguments_check(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Raises `ToolError` that names the first argument that does not fit `schema`."""
    error = best_match(Draft202012Validator(dict(schema)).iter_errors(dict(arguments)))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "arguments"
        raise ToolError(f"{where}: {error.message[:200]}")


def _dump(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, default=str)
    if len(text) > MAX_RESULT_CHARS:
        raise ToolError(f"The result is too long ({len(text)} characters). Ask for less.")
    return text
