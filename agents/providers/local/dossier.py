"""The engine's view of a request: the delimited blocks and tool results a large model would read, parsed back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.blocks import Block, blocks_parse, facts_parse
from agents.providers.base import ModelMessage, ModelRequest, Text, ToolResult, ToolUse
from agents.providers.local.questions import Told, question_tools, told_read


@dataclass(frozen=True)
class Found:
    """A passage as search_knowledge showed it; `number` is what citations use."""

    number: int
    title: str
    heading: str
    text: str
    relevance: float
    document: str

    @property
    def name(self) -> str:
        """The innermost heading, or the title: what the passage is about in a few words."""
        return self.heading.rpartition(" › ")[2] or self.title


@dataclass(frozen=True)
class Search:
    query: str
    passages: tuple[Found, ...]


@dataclass(frozen=True)
class EarlierTurn:
    author: str
    text: str


@dataclass(frozen=True)
class Dossier:
    """Everything known at this point of the conversation with the loop. `asking_tools` take a question in words of so
    many characters, and `told` is what they answered."""

    subject: str
    message: str
    salutation: str
    turns: tuple[EarlierTurn, ...]
    facts: Mapping[str, Any]
    searches: tuple[Search, ...]
    tools_called: frozenset[str]
    tools_offered: frozenset[str]
    asking_tools: Mapping[str, int] = field(default_factory=dict)
    told: tuple[Told, ...] = ()

    @property
    def customer_turns(self) -> list[str]:
        return [turn.text for turn in self.turns if turn.author == "customer"]

    @property
    def last_answer(self) -> str:
        """What we said last, if it was us who spoke last."""
        return self.turns[-1].text if self.turns and self.turns[-1].author != "customer" else ""

    @property
    def passages(self) -> list[Found]:
        """All passages found, each once, in the order of their numbers; of several findings the most relevant."""
        best: dict[int, Found] = {}
        for search in self.searches:
            for found in search.passages:
                if found.number not in best or best[found.number].relevance < found.relevance:
                    best[found.number] = found
        return [best[number] for number in sorted(best)]


def dossier_read(request: ModelRequest) -> Dossier:
    blocks, facts = _own_words(request.messages)
    results = {result.tool_use_id: result for result in _results(request.messages)}
    uses = [use for message in request.messages for use in message.tool_uses]
    asking = question_tools(request.tools)
    return Dossier(
        subject=_first(blocks, "subject"),
        message=_first(blocks, "customer_message"),
        salutation=_first(blocks, "salutation"),
        turns=tuple(EarlierTurn(b.attributes.get("author", ""), b.text) for b in blocks if b.kind == "turn"),
        facts=facts,
        searches=tuple(_search(use, results[use.id]) for use in uses if _is_search(use, results)),
        tools_called=frozenset(use.name for use in uses),
        tools_offered=frozenset(tool.name for tool in request.tools),
        asking_tools=asking,
        told=tuple(told_read(uses, results, asking)),
    )


def _own_words(messages: Sequence[ModelMessage]) -> tuple[list[Block], dict[str, Any]]:
    texts = [block.text for m in messages if m.role == "user" for block in m.content if isinstance(block, Text)]
    facts: dict[str, Any] = {}
    for text in texts:
        facts |= facts_parse(text)
    return [block for text in texts for block in blocks_parse(text)], facts


def _results(messages: Sequence[ModelMessage]) -> list[ToolResult]:
    return [block for message in messages for block in message.content if isinstance(block, ToolResult)]


def _is_search(use: ToolUse, results: Mapping[str, ToolResult]) -> bool:
    return use.name == "search_knowledge" and use.id in results and results[use.id].status == "success"


def _search(use: ToolUse, result: ToolResult) -> Search:
    data = json.loads(blocks_parse(result.text)[0].text)
    found = (_found(passage) for passage in data["passages"])
    return Search(str(use.input.get("query", "")), tuple(found))


def _found(passage: Mapping[str, Any]) -> Found:
    keys = ("title", "heading", "text", "relevance", "document")
    return Found(passage["n"], *(passage[key] for key in keys))


def _first(blocks: Sequence[Block], kind: str) -> str:
    return next((block.text for block in blocks if block.kind == kind), "")
