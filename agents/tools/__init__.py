"""The agent's tools: its own (search_knowledge, escalate) and those the caller passes in, behind one toolbox."""

from agents.tools.own import escalate_tool, search_tool
from agents.tools.shelf import Entry, Shelf, ToolFinding
from agents.tools.toolbox import MAX_CALLS, Toolbox, toolbox_build

__all__ = [
    "MAX_CALLS",
    "Entry",
    "Shelf",
    "ToolFinding",
    "Toolbox",
    "escalate_tool",
    "search_tool",
    "toolbox_build",
]
