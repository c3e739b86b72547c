"""One call of a tool: how it is planned, made and remembered."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from agents.errors import AgentError, ToolCrashed
from agents.providers.base import ToolUse
from agents.types import Tool, ToolCall


@dataclass(frozen=True)
class Called:
    """How a call went: what the tool returned, or the error that stopped it. `ms` is 0 when nothing was done, and then
    it began at no time either."""

    use: ToolUse
    tool: Tool | None = None
    data: Any = None
    error: AgentError | None = None
    ms: int = 0
    began: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """A call that is ready to be made; `make` raises nothing of the tool's."""

    make: Callable[[], Called]
    writes: bool = False


class Memory(Protocol):
    """Remembers how calls went, see `agents.journal.Journal`."""

    def key(self, kind: str, content: Any) -> str: ...

    def find(self, key: str) -> Any: ...

    def keep(self, key: str, data: Mapping[str, Any]) -> None: ...


class NoMemory:
    """For runs that nobody resumes."""

    def key(self, kind: str, content: Any) -> str:
        return ""

    def find(self, key: str) -> Any:
        return None

    def keep(self, key: str, data: Mapping[str, Any]) -> None:
        pass


def plan_done(called: Called) -> Plan:
    """A call of which one knows already how it went."""
    return Plan(lambda: called)


def call_make(tool: Tool, use: ToolUse, of_server: ToolCall) -> Called:
    """Call `tool` with arguments that were checked. What it raises is in `Called.error`; a bug is a `ToolCrashed`."""
    started, began = time.monotonic(), timezone.now()
    data, error = None, None
    try:
        data = tool.call(of_server, **use.input) if tool.takes_call else tool.call(**use.input)
    except AgentError as problem:
        error = problem
    except Exception as problem:
        error = ToolCrashed(f"The tool {tool.name} broke ({type(problem).__name__}).")
        error.__cause__ = problem
    return Called(use, tool, data, error, round((time.monotonic() - started) * 1000), began)
