"""Passages as search would hand them out."""

from agents.tools import Shelf
from knowledge.selectors import Passage


def passage(text: str, *, number: int = 1, title: str = "Opening hours", internal: bool = False) -> Passage:
    return Passage(
        document_id=f"doc_{number}",
        external_id=f"ext-{number}",
        title=title,
        version=1,
        version_id=f"ver_{number}",
        chunk_id=f"chk_{number}",
        heading="",
        text=text,
        score=0.9,
        relevance=0.8,
        internal=internal,
    )


def shelf(*texts: str, internal: bool = False) -> Shelf:
    return Shelf([passage(text, number=number, internal=internal) for number, text in enumerate(texts, start=1)])
