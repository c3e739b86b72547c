"""The sources of a reply, as they are kept with it and shown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from agents.types import RunResult, Source

_PUBLIC = tuple(field.name for field in fields(Source))
_HEADING = re.compile(r"(?P<heading>\w[^\n:.;]{2,79}):\s+\S")


def sources_show(result: RunResult | None) -> list[dict[str, Any]]:
    """The sources of a result as JSON-able data, in the order of their numbers.

    Each has, beside the fields of `agents.types.Source`, the `heading` it stands under and the whole passage as
    `context`, both empty where the run does not tell: a quote alone seldom says what it is about.
    """
    if result is None:
        return []
    passages = {passage["chunk_id"]: passage for passage in result.details.get("passages", [])}
    return [_source_show(source, passages.get(source.chunk_id, {})) for source in result.sources]


def sources_public(sources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Kept sources as outsiders are told them: the fields of `agents.types.Source` and no more."""
    return [{name: source.get(name) for name in _PUBLIC} for source in sources]


def _source_show(source: Source, passage: Mapping[str, Any]) -> dict[str, Any]:
    heading = passage.get("heading") or _heading_quoted(source.quote)
    return asdict(source) | {"heading": heading, "context": passage.get("text", "")}


def _heading_quoted(quote: str) -> str:
    """Passages of several short sections have their headings in the text, as ``Heading: text``."""
    found = _HEADING.match(quote)
    return found["heading"] if found else ""
