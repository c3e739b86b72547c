"""The toolbox of a run: finds, checks, counts and runs what the model calls.

Arguments come from a model and are untrusted: they are checked against the tool's schema and can only narrow what the
server decided (audience, limits, whose data). A `ToolError` goes back to the model as text; anything else a tool raises
is a bug and ends the run.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.blocks import block_wrap
from agents.errors import AgentError, LimitReached, RunRequestInvalid, ToolCrashed, ToolError
from agents.providers.base import ToolResult, ToolSpec, ToolUse
from agents.tools.shelf import Shelf, ToolFinding, result_text
from agents.types import Tool, ToolCall

MAX_RESULT_CHARS = 24_000
MAX_CALLS = 12
MAX_IDENTICAL_CALLS = 2


@dataclass
class Toolbox:
    """The tools of one run and the count of what was called. Results of citable tools go on `shelf`.

    `origin`, `run_id` and `deadline` are what tools learn of the run, see `ToolCall`.
    """

    tools: Mapping[str, Tool]
    sender_verified: bool
    shelf: Shelf = field(default_factory=Shelf)
    origin: str = ""
    run_id: str = ""
    deadline: float = math.inf
    calls: list[str] = field(default_factory=list)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(ToolSpec(tool.name, tool.description, tool.schema) for tool in self.tools.values())

    def run(self, use: ToolUse) -> ToolResult:
        """Run one call. Raises `LimitReached` when too much was called, `ToolCrashed` when the tool has a bug."""
        self._count(use)
        try:
            tool = self._find(use.name)
            data = self._call(tool, use)
            text = _dump(data)
        except ToolError as error:
            return ToolResult(use.id, block_wrap("tool_error", error.message, tool=use.name), "error")
        return ToolResult(use.id, block_wrap("tool_result", text, tool=use.name, **self._shelve(tool, use, data)))

    def call_of(self, use: ToolUse) -> ToolCall:
        """What the server says about `use`."""
        content = json.dumps([self.origin or self.run_id, use.name, use.input], sort_keys=True, default=str)
        return ToolCall(hashlib.sha256(content.encode()).hexdigest(), self.run_id, self.deadline)

    def _shelve(self, tool: Tool, use: ToolUse, data: Any) -> dict[str, str]:
        """Attributes of the result's block: under which number it may be cited."""
        text = result_text(data) if tool.citable else ""
        if not text:
            return {}
        title = tool.title or tool.name.replace("_", " ").capitalize()
        finding = ToolFinding(tool.name, title, text, self.call_of(use).key, wrote=tool.effect == "writes")
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
        if tool is None:
            raise ToolError(f"There is no tool of this name. Tools: {', '.join(self.tools)}.")
        if tool.needs_verified and not self.sender_verified:
            raise ToolError("Not available: the sender of this message is not verified.")
        return tool

    def _call(self, tool: Tool, use: ToolUse) -> Any:
        arguments_check(tool.schema, use.input)
        try:
            return tool.call(self.call_of(use), **use.input) if tool.takes_call else tool.call(**use.input)
        except AgentError:
            raise
        except Exception as error:
            raise ToolCrashed(f"The tool {tool.name} broke ({type(error).__name__}).") from error


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
        first.call(reason=str(arguments.get("reason", "")))
        return second.call(*of_server, **arguments)

    return replace(second, call=call)


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
