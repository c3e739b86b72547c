"""From what a run wrote to what a judge is given."""

from typing import Any

from agents.judging import Evidence, JudgeCase
from conversations.answering.written import Written
from knowledge.selectors import chunk_texts

TOOL = "tool:"


def case_build(written: Written, *, judgement_id: str) -> JudgeCase:
    """What is cited is told whole, as it stands in the knowledge base; of what was deleted there, and of tools, the
    quote."""
    texts = chunk_texts([source["chunk_id"] for source in written.sources])
    return JudgeCase(
        question=written.question,
        reply=written.text,
        kind=written.kind,
        evidence=tuple(_evidence(number, source, texts) for number, source in enumerate(written.sources, start=1)),
        history=written.history,
        personal=written.personal,
        answered_by=written.answered_by,
        id=judgement_id,
    )


def _evidence(number: int, source: dict[str, Any], texts: dict[str, str]) -> Evidence:
    document = source["document_id"]
    text = texts.get(source["chunk_id"]) or source["quote"]
    return Evidence(number, source["title"], text, document.removeprefix(TOOL) if document.startswith(TOOL) else "")
