"""Tools that take a question in words, such as the analyst of figures. What one says is passed on as it stands.

Such a tool takes ``{"question": text}`` and nothing else that is required, and returns ``{"answer": text}`` with, where
it can tell, ``"understood": bool``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.blocks import blocks_parse
from agents.providers.base import ToolResult, ToolSpec, ToolUse

_DEFAULT_CHARS = 500


@dataclass(frozen=True)
class Told:
    """What a tool answered; `number` is what citations use."""

    number: int
    text: str
    understood: bool


def question_tools(tools: Iterable[ToolSpec]) -> dict[str, int]:
    """The tools that take a question, and how many characters of it."""
    return {
        tool.name: int(tool.schema.get("properties", {}).get("question", {}).get("maxLength", _DEFAULT_CHARS))
        for tool in tools
        if list(tool.schema.get("required", ())) == ["question"]
    }


def told_read(uses: Sequence[ToolUse], results: Mapping[str, ToolResult], tools: Mapping[str, int]) -> Iterator[Told]:
    """The answers among `results` that may be cited."""
    for use in uses:
        result = results.get(use.id)
        if use.name not in tools or result is None or result.status != "success":
            continue
        block = blocks_parse(result.text)[0]
        data = json.loads(block.text)
        if isinstance(data, Mapping) and data.get("answer") and block.attributes.get("n"):
            yield Told(int(block.attributes["n"]), str(data["answer"]), bool(data.get("understood", True)))


def told_best(told: Sequence[Told]) -> Told | None:
    """The one to pass on: one that was understood before one that was not."""
    return next((one for one in told if one.understood), told[0] if told else None)
