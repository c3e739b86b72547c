"""What the agent may do beside searching: look the customer up, read their threads, promise that somebody will act.

Each tool is a plug-in: settings.AGENT_TOOLS names a function that makes it for a `ToolScene`. Every tool runs as the
customer of the conversation, with ids from the scene; the model's arguments can only narrow.
"""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from agents.types import Tool
from conversations.answering.tools.scene import ToolScene
from omnicqm.common.errors import ConfigurationError

__all__ = ["ToolScene", "tools_build"]


def tools_build(scene: ToolScene) -> tuple[Tool, ...]:
    """The tools of settings.AGENT_TOOLS for one run. Raises `ConfigurationError` for one that cannot be imported, or
    makes a tool of another name than it stands under."""
    return tuple(_build(name, path, scene) for name, path in settings.AGENT_TOOLS.items())


def _build(name: str, path: str, scene: ToolScene) -> Tool:
    try:
        make = cast(Callable[[ToolScene], Tool], import_string(path))
    except ImportError as error:
        raise ConfigurationError(
            f"AGENT_TOOLS['{name}'] cannot be imported from {path}.", param="AGENT_TOOLS"
        ) from error
    tool = make(scene)
    if tool.name != name:
        raise ConfigurationError(f"AGENT_TOOLS['{name}'] makes a tool named '{tool.name}'.", param="AGENT_TOOLS")
    return tool
