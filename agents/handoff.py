"""What a consultant gets beside the suggestion: passages, internal ones too, and the steps they describe."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.guard import plain_text
from agents.loop import Thinking
from agents.providers.local.staff import speaks_to_staff
from agents.types import Decision
from agents.words import content_words
from knowledge.selectors import Passage, document_texts, knowledge_search

INTERNAL_LIMIT = 5
GUIDE_STEPS = 8
MIN_RELEVANCE = 0.3
# Lower: what is written for staff speaks of cases like this one, not in the customer's words.
MIN_INTERNAL_RELEVANCE = 0.25
_BULLET = re.compile(r"^\s*[-*+]\s+(?P<text>\S.*)$", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*\d+[.)]\s+(?P<text>\S.*)$", re.MULTILINE)


def details_gather(thinking: Thinking, decision: Decision) -> dict[str, Any]:
    """JSON-able details of a run. An escalation carries internal passages as well: they are for staff only."""
    details: dict[str, Any] = {"wishes": list(thinking.wishes), "withheld": list(thinking.shelf.withheld)}
    if assessment := thinking.assessment:
        details["topics"] = list(assessment.topics)
        details["account_matter"] = assessment.account_matter
        details["underspecified"] = assessment.underspecified
        details["courtesy"] = assessment.smalltalk
    passages = list(thinking.shelf.passages)
    if decision is Decision.ESCALATE:
        passages = _with_internal(thinking, passages)
        details["guide"] = guide_steps(passages, f"{thinking.request.subject} {thinking.request.message}")
    details["passages"] = [_passage_show(passage) for passage in passages]
    return details


def _with_internal(thinking: Thinking, passages: list[Passage]) -> list[Passage]:
    request = thinking.request
    query = f"{request.subject}\n{request.message}"[:1000].strip()
    if not query:
        return passages
    known = {passage.chunk_id for passage in passages}
    found = knowledge_search(query=query, limit=INTERNAL_LIMIT, audience="internal", hide=thinking.screening.vault.hide)
    return [*passages, *(passage for passage in found if passage.chunk_id not in known)]


def relevance_floor(internal: bool) -> float:
    """From where on a passage is about the matter; `internal` are those written for staff."""
    return MIN_INTERNAL_RELEVANCE if internal else MIN_RELEVANCE


def guide_steps(passages: Sequence[Passage], message: str) -> list[str]:
    """The numbered steps of the procedure for staff that fits `message` best; without one, the steps of a passage.

    Any numbered list is steps; a bulleted one only where a passage tells staff what to do, for else it merely lists.
    """
    procedure = _procedure_steps(passages)
    if procedure:
        return procedure[:GUIDE_STEPS]
    asked = content_words(message)
    with_steps = [found for found in passages if _passage_steps(found) and found.relevance >= MIN_RELEVANCE]
    if not with_steps:
        return []
    best = max(with_steps, key=lambda p: (p.relevance + 0.1 * p.internal, len(asked & content_words(p.text))))
    return _passage_steps(best)[:GUIDE_STEPS]


def _procedure_steps(passages: Sequence[Passage]) -> list[str]:
    """The first numbered list of the internal document that fits best: search may have found another part of it."""
    internal = [found for found in passages if found.internal and found.relevance >= relevance_floor(True)]
    for passage in sorted(internal, key=lambda found: found.relevance, reverse=True)[:1]:
        for text in document_texts(document_id=passage.document_id):
            if steps := _steps(text):
                return steps
    return []


def _passage_steps(passage: Passage) -> list[str]:
    return _steps(passage.text) or (_steps(passage.text, _BULLET) if speaks_to_staff(passage.text) else [])


def _steps(text: str, step: re.Pattern[str] = _NUMBERED) -> list[str]:
    return [plain_text(match["text"])[:300] for match in step.finditer(text)]


def _passage_show(passage: Passage) -> Mapping[str, Any]:
    return {
        "document_id": passage.document_id,
        "external_id": passage.external_id,
        "title": passage.title,
        "version": passage.version,
        "chunk_id": passage.chunk_id,
        "heading": passage.heading,
        "text": passage.text,
        "relevance": round(passage.relevance, 3),
        "internal": passage.internal,
    }
