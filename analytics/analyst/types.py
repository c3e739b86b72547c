"""What goes in and comes out of the analyst."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.querying import QuerySpec, Result, spec_dump
from analytics.querying.results import plain


@dataclass(frozen=True)
class Asker:
    """Who asks. `key` keeps the dialogues of different askers apart, `scope` names whose money a model costs."""

    key: str
    scope: str = "analyst"


@dataclass(frozen=True)
class Answer:
    """`result` is None where no figure is given; `text` then says why, and `suggestions` are questions near by.

    `chart` is a Vega-Lite specification or None, `chart_kind` how it is drawn (``table``: not at all). `remarks` say
    what was read otherwise than it was written, `notes` of the figures stand in `result`.
    """

    text: str
    conversation: str = ""
    spec: QuerySpec | None = None
    result: Result | None = None
    chart: Mapping[str, Any] | None = None
    chart_kind: str = ""
    in_words: str = ""
    definitions: tuple[Mapping[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    def dump(self) -> dict[str, Any]:
        """As ``POST /api/v1/analytics/ask`` answers."""
        return {
            "answer": self.text,
            "table": self.result.table if self.result else None,
            "chart": dict(self.chart) if self.chart else None,
            "query": spec_dump(self.spec) if self.spec else None,
            "definitions": [dict(definition) for definition in self.definitions],
            "notes": list(self.result.notes) if self.result else [],
            "as_of": plain(self.result.as_of) if self.result else None,
            "suggestions": list(self.suggestions),
            "conversation": self.conversation,
        }
