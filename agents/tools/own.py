"""The agent's own tools: searching the company's documents, asking for a person."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agents.tools.calling import Called
from agents.tools.shelf import Flagged, Shelf, planted_flagged
from agents.types import Tool
from knowledge.selectors import Passage, knowledge_search

SEARCH = "search_knowledge"
SEARCH_LIMIT = 8
MAX_QUERY_CHARS = 1000
GLIMPSE_CHARS = 400

_SEARCH_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "query": {"type": "string", "minLength": 1, "maxLength": MAX_QUERY_CHARS},
        "context": {
            "type": "array",
            "items": {"type": "string", "maxLength": MAX_QUERY_CHARS},
            "maxItems": 3,
            "description": "earlier turns the query refers to; they weigh less than the query",
        },
    },
    "required": ["query"],
    "additionalProperties": False,
}
_ESCALATE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string", "maxLength": 300}},
    "required": ["reason"],
    "additionalProperties": False,
}


def search_tool(shelf: Shelf, flagged: Flagged = planted_flagged, hide: Callable[[str], str] = str) -> Tool:
    """search_knowledge over what customers may read. Found passages go on `shelf`, but those that are `flagged`. `hide`
    takes out what is personal of what leaves this machine."""

    def search(query: str, context: Iterable[str] = ()) -> list[dict[str, Any]]:
        found = knowledge_search(
            query=query, limit=SEARCH_LIMIT, audience="customer", context=tuple(context), hide=hide
        )
        return [asdict(passage) for passage in found]

    def settle(found: list[dict[str, Any]]) -> dict[str, Any]:
        passages = _readable(shelf, [Passage(**row) for row in found], flagged)
        return {"passages": [_passage_show(shelf.add(passage), passage) for passage in passages]}

    description = "Search the company's documents. Returns numbered passages to answer from and to cite by number."
    return Tool(name=SEARCH, description=description, schema=_SEARCH_SCHEMA, call=search, settle=settle)


def passages_noted(called: Called) -> dict[str, Any]:
    """What a search found, as a trace shows it: titles whole, texts as they begin, their hash.

    Nothing for other tools."""
    if called.tool is None or called.tool.name != SEARCH or called.error is not None:
        return {}
    kept = ("document_id", "external_id", "version", "chunk_id", "title", "heading")
    found = [{name: row[name] for name in kept} | _glimpse(row) for row in called.data]
    return {"passages": found}


def _glimpse(row: Mapping[str, Any]) -> dict[str, Any]:
    """The hash tells whether the passage has changed since."""
    digest = hashlib.sha256(row["text"].encode()).hexdigest()
    return {"text": row["text"][:GLIMPSE_CHARS], "relevance": round(row["relevance"], 3), "sha256": digest}


def _readable(shelf: Shelf, passages: Sequence[Passage], flagged: Flagged) -> list[Passage]:
    """Those a model may read; the shelf notes which were withheld."""
    flags = flagged([f"{passage.title}\n{passage.heading}\n{passage.text}" for passage in passages])
    shelf.withhold(passage.title for passage, flag in zip(passages, flags, strict=True) if flag)
    return [passage for passage, flag in zip(passages, flags, strict=True) if not flag]


def _passage_show(number: int, passage: Passage) -> dict[str, Any]:
    return {
        "n": number,
        "title": passage.title,
        "heading": passage.heading,
        "text": passage.text,
        "relevance": round(passage.relevance, 3),
        "document": passage.document_id,
    }


def escalate_tool(wishes: list[str]) -> Tool:
    """escalate: the model asks for a person. The wish is noted; handing over is the caller's work."""

    def settle(called: dict[str, str]) -> dict[str, str]:
        wishes.append(called["reason"])
        return {"status": "a person will take over"}

    description = "Hand this conversation to a person, with the reason. Use it when the customer asks for one."
    return Tool(name="escalate", description=description, schema=_ESCALATE_SCHEMA, call=dict, settle=settle)
