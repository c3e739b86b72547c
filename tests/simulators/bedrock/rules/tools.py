"""Rules of tools: they stay configured while the history speaks of them, and a forced one exists."""

from collections.abc import Mapping
from typing import Any

from tests.simulators.bedrock.refusals import invalid
from tests.simulators.bedrock.rules.messages import blocks_of


def tools_check(body: Mapping[str, Any]) -> None:
    """Raises `Refusal` for a toolConfig that is missing, empty of tools or at odds with itself."""
    config = body.get("toolConfig")
    if config is None:
        if any("toolUse" in block or "toolResult" in block for block in blocks_of(body["messages"])):
            raise invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
        return
    names = tool_names(config)
    if not names:
        raise invalid("The toolConfig field must hold at least one tool specification.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise invalid(f"The toolConfig contains duplicate tool names: {twice}")
    forced = config.get("toolChoice", {}).get("tool")
    if forced and forced["name"] not in names:
        raise invalid(f"The tool choice names the tool {forced['name']}, which toolConfig.tools does not hold.")
    for spec in tool_specs(config):
        if spec["inputSchema"]["json"].get("type") != "object":
            raise invalid(f"The value at toolConfig.tools ({spec['name']}) inputSchema.json.type must be object.")


def tool_specs(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The toolSpec of every tool of a toolConfig."""
    return [tool["toolSpec"] for tool in config["tools"] if "toolSpec" in tool]


def tool_names(config: Mapping[str, Any]) -> list[str]:
    return [spec["name"] for spec in tool_specs(config)]
