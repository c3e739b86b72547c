"""What the agent may do beside searching: look the customer up, read their threads, promise that somebody will act.

Each tool is a plug-in: settings.AGENT_TOOLS names a function that makes it for a `ToolScene`. Every tool runs as the
customer of the conversation, with ids from the scene; the model's arguments can only narrow. A channel may have further
tools of its own, settings.CHANNEL_TOOLS: their functions may return None, where the scene is not theirs.
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
    """The tools of settings.AGENT_TOOLS, and of settings.CHANNEL_TOOLS those of the channel, for one run. Raises
    `ConfigurationError` for one that cannot be imported, or makes a tool of another name than it stands under."""
    named = {**settings.AGENT_TOOLS, **settings.CHANNEL_TOOLS.get(scene.channel_id, {})}
    made = (_build(name, path, scene) for name, path in named.items())
    return tuple(tool for tool in made if tool is not None)


def _build(name: str, path: str, scene: ToolScene) -> Tool | None:
    setting = "AGENT_TOOLS" if name in settings.AGENT_TOOLS else "CHANNEL_TOOLS"
    try:
        make = cast(Callable[[ToolScene], Tool | None], import_string(path))
    except ImportError as error:
        raise ConfigurationError(f"{setting}['{name}'] cannot be imported from {path}.", param=setting) from error
    tool = make(scene)
    if tool is not None and tool.name != name:
        raise ConfigurationError(f"{setting}['{name}'] makes a tool named '{tool.name}'.", param=setting)
    return tool
