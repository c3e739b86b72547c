"""Reads of transcriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Message, Transcription
from conversations.speech.doubt import Span, doubtful_left


@dataclass(frozen=True)
class Heard:
    """How sure messages were heard: `unsure` are phrases in them that were not heard surely and that nobody changed;
    `missing` says that something was said of which there is no text."""

    unsure: tuple[str, ...] = ()
    missing: bool = False


def heard_get(messages: Sequence[Message]) -> Heard:
    """Of what was spoken in `messages`; typed ones count as heard."""
    rows = list(Transcription.objects.filter(message__in=messages).select_related("message").order_by("created_at"))
    done = [row for row in rows if row.state == Transcription.State.DONE]
    unsure = dict.fromkeys(phrase for row in done for phrase in _unsure(row))
    return Heard(tuple(unsure), missing=len(done) < len(rows))


def _unsure(row: Transcription) -> list[str]:
    if row.source == Transcription.Source.ATTACHMENT:  # nobody has read it before it was sent
        return doubtful_left(row.text, _spans(row), row.text)
    assert row.message
    return doubtful_left(row.text, _spans(row), row.message.text)


def _spans(row: Transcription) -> list[Span]:
    return [Span(start, end) for start, end in row.doubtful]


def transcription_document(row: Transcription) -> dict[str, Any]:
    """As every door tells it."""
    return {
        "transcription_id": row.pk,
        "text": row.text,
        "confidence": row.confidence,
        "words": row.words,
        "doubtful": [{"start_char": span.start, "end_char": span.end} for span in _spans(row)],
        "language": row.language,
        "duration_s": row.duration_s,
        "model_used": row.model_used,
    }
