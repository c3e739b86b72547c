"""Transcriptions: stored for whom they are, used once, forgotten in time."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from conversations.models import Message, Transcription
from conversations.speech.doubt import doubtful_spans
from conversations.speech.errors import TranscriptionNotFound, TranscriptionUsed
from conversations.speech.provider import speech_get
from conversations.speech.types import Transcript, words_dump
from omnicqm.common.services import audit_record

UNSENT_KEPT = timedelta(days=1)
WORDS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Owner:
    """A browser of the chat, or a client of the API: one of the two."""

    visitor: str = ""
    client: str = ""

    @property
    def actor(self) -> str:
        return f"client:{self.client}" if self.client else "visitor"


@transaction.atomic
def transcription_create(*, transcript: Transcript, owner: Owner, source: Transcription.Source) -> Transcription:
    """Keep what was heard until it is sent, or for a day."""
    row = Transcription(source=source, visitor=owner.visitor, client=owner.client)
    transcript_apply(row, transcript)
    row.save()
    audit_record(actor=owner.actor, action="transcription.created", obj=row, details={"source": source.value})
    return row


def transcript_apply(row: Transcription, transcript: Transcript) -> None:
    """Set what was heard; the caller saves."""
    spans = doubtful_spans(transcript.text, transcript.words, below=speech_get().doubt_below)
    row.state, row.finished_at = Transcription.State.DONE, timezone.now()
    row.text, row.confidence, row.words = transcript.text, transcript.confidence, words_dump(transcript.words)
    row.doubtful = [[span.start, span.end] for span in spans]
    row.language, row.duration_s, row.model_used = transcript.language, transcript.duration_s, transcript.model_used


def transcription_use(*, transcription_id: str, owner: Owner, message: Message) -> None:
    """Note that `message` was spoken. Call inside the transaction that stores it.

    Raises `TranscriptionNotFound` for one that is not `owner`'s, and `TranscriptionUsed`.
    """
    rows = Transcription.objects.filter(
        pk=transcription_id, visitor=owner.visitor, client=owner.client, attachment=None
    )
    if rows.filter(message=None).update(message=message):
        return
    if rows.exists():
        raise TranscriptionUsed("This recording was sent with another message.", param="transcription_id")
    raise TranscriptionNotFound(
        "There is no such recording of yours, or it is older than a day.", param="transcription_id"
    )


def transcriptions_purge() -> None:
    """Delete what was not sent within a day, and of what was sent a month ago the copy of its words."""
    now = timezone.now()
    Transcription.objects.filter(message=None, attachment=None, created_at__lt=now - UNSENT_KEPT).delete()
    old = Transcription.objects.filter(created_at__lt=now - WORDS_KEPT).exclude(text="")
    old.update(text="", words=[], doubtful=[])
