"""Recordings attached to messages: their text is there before the query is answered, or it is answered without.

The row is the truth and a worker may die anywhere: every step may be taken again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.html import escape

from conversations.models import Attachment, Message, Query, Transcription
from conversations.speech.audio.decoding import audio_decode
from conversations.speech.audio.kinds import is_recording
from conversations.speech.errors import NothingHeard, SpeechUnavailable
from conversations.speech.ledger import Hearing
from conversations.speech.provider import speech_get
from conversations.speech.providers.base import SpeechProvider
from conversations.speech.services import transcript_apply
from conversations.speech.types import Transcript, pcm_seconds
from omnicqm.common.errors import InvalidInput, OmniError, TooLarge
from omnicqm.common.logs import get_logger
from omnicqm.common.models import Attempt
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)

VOICE_NOTE = "[Voice note]"  # the text of a message that is nothing else, until there is one
NOT_HEARD = "[A voice note that could not be turned into text]"
QUERY_WAITS = timedelta(minutes=5)
GIVEN_UP = timedelta(minutes=15)
LEASE = timedelta(seconds=420)  # the longest a step takes, with the embedded engine
CLEANED_FOR = timedelta(days=2)
MOST_A_MESSAGE = 5
MAX_TRIES = 3
MOST_BYTES = 25 * 2**20
SWEEP_ROWS = 50
TASK = "conversations.transcription_work"


def recordings_expect(*, message: Message, attachments: Sequence[Attachment]) -> bool:
    """Make pending work of the recordings among `attachments`; whether there are any. In the transaction of `message`.

    Of many the first few are heard, the others count as not heard.
    """
    recordings = [one for one in attachments if is_recording(name=one.name, content_type=one.content_type)]
    for number, attachment in enumerate(recordings):
        row = Transcription(source=Transcription.Source.ATTACHMENT, attachment=attachment, message=message)
        if number < MOST_A_MESSAGE:
            row.state = Transcription.State.PENDING
        else:
            row.state, row.finished_at = Transcription.State.FAILED, timezone.now()
            row.error_code = "too_many"
        row.save()
        if row.state == Transcription.State.PENDING:
            task_enqueue(TASK, row.pk)
    return bool(recordings)


def transcription_work(*, transcription_id: str) -> None:
    """Bring a recording one step on. Without a claim it does nothing; whatever breaks is tried again, then given up."""
    row = _claim(transcription_id)
    if row is None:
        return
    if row.state != Transcription.State.PENDING:
        _forget(row)
        return
    try:
        transcript = _step(row, speech_get())
    except OmniError as error:
        _failed(row, error)
    except Exception as error:
        log.exception("transcription_broke", transcription=row.pk)
        _failed(row, error)
    else:
        _stepped(row, transcript)


def transcriptions_sweep() -> None:
    """Wake workers for recordings that are due: to look what became of them, to try again, to clean up."""
    now = timezone.now()
    worth_it = Q(state=Transcription.State.PENDING) | Q(created_at__gt=now - CLEANED_FOR)
    due = Transcription.objects.filter(_workable(now) & worth_it)
    for key in due.order_by("due_at").values_list("pk", flat=True)[:SWEEP_ROWS]:
        task_enqueue(TASK, key)


def _workable(now: datetime) -> Q:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return (Q(state=Transcription.State.PENDING) | Q(begun=True)) & Q(due_at__lte=now) & free


def _claim(transcription_id: str) -> Transcription | None:
    now = timezone.now()
    rows = Transcription.objects.filter(_workable(now), pk=transcription_id)
    if not rows.update(lease_until=now + LEASE, tries=F("tries") + 1):
        return None
    return Transcription.objects.select_related("attachment", "message").get(pk=transcription_id)


def _step(row: Transcription, provider: SpeechProvider) -> Transcript | None:
    """None: not yet."""
    if not row.begun:
        return _begin(row, provider)
    transcript = provider.recording_look(name=row.pk)
    if transcript is None and timezone.now() > row.created_at + GIVEN_UP:
        raise SpeechUnavailable("timeout")
    return replace(transcript, duration_s=row.duration_s) if transcript else None


def _begin(row: Transcription, provider: SpeechProvider) -> Transcript | None:
    assert row.attachment
    with row.attachment.file.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    pcm = audio_decode(data, most_seconds=provider.most_recording_seconds, most_bytes=MOST_BYTES)
    row.duration_s = round(pcm_seconds(len(pcm)), 2)
    hearing = Hearing(provider, _scope(row), row.duration_s, monotonic())
    try:
        transcript = provider.recording_begin(name=row.pk, pcm=pcm, language=provider.language_choose(""))
    except OmniError as error:
        code = error.reason if isinstance(error, SpeechUnavailable) else error.code
        nothing = replace(hearing, seconds=0)  # what did not begin costs nothing
        nothing.note(Attempt.Outcome.ERROR, error_code=code)
        raise
    hearing.note(Attempt.Outcome.OK, model=transcript.model_used if transcript else "")
    return transcript


def _scope(row: Transcription) -> str:
    return f"channel:{row.message.channel_id}" if row.message else ""


def _stepped(row: Transcription, transcript: Transcript | None) -> None:
    if transcript is None:
        row.begun, row.lease_until, row.tries = True, None, 0
        row.due_at = timezone.now() + _pause(timezone.now() - row.created_at)
        row.save(update_fields=["begun", "lease_until", "tries", "due_at", "duration_s"])
    elif not transcript.text.strip():
        _failed(row, NothingHeard())
    else:
        transcript_apply(row, transcript)
        _end(row)


def _pause(age: timedelta) -> timedelta:
    """Longer and longer between two looks: 2 to 30 seconds."""
    return min(max(age / 4, timedelta(seconds=2)), timedelta(seconds=30))


def _failed(row: Transcription, error: Exception) -> None:
    is_final = isinstance(error, InvalidInput | TooLarge) or row.tries >= MAX_TRIES
    if not is_final and timezone.now() < row.created_at + GIVEN_UP:
        row.lease_until, row.due_at = None, timezone.now() + timedelta(seconds=5 * 2**row.tries)
        row.save(update_fields=["lease_until", "due_at", "duration_s"])
        return
    row.state, row.finished_at = Transcription.State.FAILED, timezone.now()
    row.error_code = str(getattr(error, "reason", None) or getattr(error, "code", None) or type(error).__name__)[:40]
    # Something may have been stored before it failed.
    row.begun = row.begun or not isinstance(error, InvalidInput | TooLarge)
    log.warning("transcription_failed", transcription=row.pk, code=row.error_code)
    _end(row)


@transaction.atomic
def _end(row: Transcription) -> None:
    """Only the first of two workers ends it: one that was thought dead must not add its text a second time."""
    if Transcription.objects.select_for_update().get(pk=row.pk).state != Transcription.State.PENDING:
        return
    row.lease_until, row.due_at, row.tries = None, timezone.now(), 0
    row.save()
    _tell(row)
    _wake(row)
    if row.begun:
        task_enqueue(TASK, row.pk)


def _tell(row: Transcription) -> None:
    """Put the text into the message, where people, search and the agent read it."""
    message = Message.objects.select_for_update().get(pk=row.message_id)
    heard = row.text if row.state == Transcription.State.DONE else NOT_HEARD
    if message.text == VOICE_NOTE:
        message.text = heard
    else:
        assert row.attachment
        told = heard if heard == NOT_HEARD else f"[Voice note {row.attachment.name}] {heard}"
        message.text = f"{message.text}\n\n{told}"
        message.html = f"{message.html}<p>{escape(told)}</p>" if message.html else ""
    message.save(update_fields=["text", "html"])


def _wake(row: Transcription) -> None:
    """The query waits no longer, unless another recording of its message is still being heard."""
    if Transcription.objects.filter(message_id=row.message_id, state=Transcription.State.PENDING).exists():
        return
    queries = Query.objects.filter(message_id=row.message_id, status=Query.Status.RECEIVED)
    queries.update(due_at=timezone.now())
    for key in queries.values_list("pk", flat=True):
        task_enqueue("conversations.query_work", key)


def _forget(row: Transcription) -> None:
    """What the provider stored goes; until it could, it is tried again and again."""
    row.lease_until = None
    try:
        speech_get().recording_forget(name=row.pk)
        row.begun = False
    except OmniError as error:
        log.warning("transcription_not_forgotten", transcription=row.pk, code=error.code)
        row.due_at = timezone.now() + timedelta(minutes=5)
    row.save(update_fields=["lease_until", "begun", "due_at"])
