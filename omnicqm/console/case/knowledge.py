"""What is known about an escalation's matter, document by document: cited passages first, then internal ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import Truncator

from agents.handoff import relevance_floor
from conversations.escalations.drafts import Draft, passages_for
from conversations.models import Escalation

PASSAGES = 8
PREVIEW_WORDS = 20


@dataclass(frozen=True)
class Excerpt:
    """A passage of a document. `number` is its citation in the suggestion; None when that does not rest on it."""

    heading: str
    text: str
    number: int | None = None

    @property
    def preview(self) -> str:
        """How it begins, in whole words, without the heading that it may repeat."""
        return Truncator(self.text.removeprefix(self.heading).strip(" :\n")).words(PREVIEW_WORDS, truncate=" …")


@dataclass(frozen=True)
class DocumentCard:
    title: str
    internal: bool
    excerpts: list[Excerpt] = field(default_factory=list)


def document_cards(escalation: Escalation, draft: Draft) -> list[DocumentCard]:
    """One card for each document, however many of its passages were found. Numbers are those of the sources of
    `draft`."""
    passages = passages_for(escalation, draft)
    cards: dict[str, DocumentCard] = {}
    for number, source in enumerate(draft.sources, start=1):
        found = passages.pop(source["chunk_id"], {})
        heading = source.get("heading") or found.get("heading", "")
        _card(cards, {**source, **found}).excerpts.append(Excerpt(heading, source["quote"], number))
    for passage in _best(passages):
        _card(cards, passage).excerpts.append(Excerpt(passage["heading"], passage["text"]))
    return list(cards.values())


def _card(cards: dict[str, DocumentCard], found: Mapping[str, Any]) -> DocumentCard:
    made = DocumentCard(title=found["title"], internal=found.get("internal", False))
    return cards.setdefault(found["document_id"], made)


def _best(passages: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What is about the matter: search returns what comes closest, however far away that is."""
    fitting = [found for found in passages.values() if found["relevance"] >= relevance_floor(found["internal"])]
    return sorted(fitting, key=lambda found: (not found["internal"], -found["relevance"]))[:PASSAGES]
