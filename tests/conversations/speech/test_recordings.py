"""Recordings attached to messages: their text is there before anybody answers, and no failure loses the message."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.errors import NothingToAnswer
from conversations.models import Message, Query, Transcription
from conversations.speech import recordings
from conversations.speech.recordings import (
    GIVEN_UP,
    MAX_TRIES,
    NOT_HEARD,
    VOICE_NOTE,
    transcription_work,
    transcriptions_sweep,
)
from conversations.speech.services import UNSENT_KEPT, WORDS_KEPT, transcriptions_purge
from conversations.speech.types import Transcript
from conversations.work.claims import query_claim
from omnicqm.common.models import Attempt
from tests.api import ApiClient, problem_of
from tests.conversations.people import channel_get
from tests.conversations.speech.conftest import BUCKET, coded, tone, wav
from tests.simulators.transcribe import Said

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = ("note.ogg", "audio/ogg; codecs=opus")


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """Tasks that were woken, none of which runs by itself."""
    names = []
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda name, args, countdown: names.append((name, *args)))
    return names


@pytest.fixture
def api():
    channel_get("api")
    return ApiClient()


def send(api, *attachments, message="", **fields):
    """A message with attachments (name, content type, content); its query."""
    attached = [
        {"name": name, "content_type": kind, "content_base64": base64.b64encode(content).decode()}
        for name, kind, content in attachments
    ]
    body = {"channel_id": "api", "user_id": "efua@example.com", "message": message, "attachments": attached} | fields
    answer = api.post("/api/v1/query", body)
    assert answer.status_code == 202, answer.content
    return Query.objects.get(pk=answer.json()["request_id"])


def due_now():
    Transcription.objects.update(due_at=timezone.now(), lease_until=None)


def work(steps=1):
    for _ in range(steps):
        due_now()
        for key in Transcription.objects.values_list("pk", flat=True):
            transcription_work(transcription_id=key)


def heard(query):
    query.refresh_from_db()
    return Message.objects.get(pk=query.message_id)


def stored(jobs):
    return [entry["Key"] for entry in jobs.s3().list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_voice_note_is_text_before_anybody_works_on_it(api, jobs, woken):
    jobs.said = Said.of("where is my order ?")
    query = send(api, (*NOTE, coded(tone(2.0), "ogg", "libopus")))
    assert (heard(query).text, heard(query).spoken) == (VOICE_NOTE, True)
    assert query_claim(query_id=query.pk) is None  # it waits
    work()
    assert jobs.calls == ["StartTranscriptionJob"]
    assert query_claim(query_id=query.pk) is None
    work(2)
    assert heard(query).text == "where is my order?"
    assert ("conversations.query_work", query.pk) in woken
    assert query_claim(query_id=query.pk) is not None
    row = Transcription.objects.get()
    assert (row.state, row.model_used, row.duration_s) == ("done", "transcribe-batch", pytest.approx(2.0, abs=0.1))
    attempt = Attempt.objects.get()
    assert (attempt.purpose, attempt.scope, attempt.outcome) == ("transcribe", "channel:api", "ok")
    assert attempt.cost_usd > 0


def test_nothing_stays_in_the_bucket_or_at_the_service(api, jobs):
    query = send(api, (*NOTE, wav(tone(1.0))))
    work()
    [name] = jobs.jobs
    assert name == f"omnicqm-{Transcription.objects.get().pk}"
    assert stored(jobs) == [f"omnicqm-speech/{Transcription.objects.get().pk}.wav"]
    work(3)
    assert heard(query).text == "hello"
    assert (stored(jobs), jobs.jobs) == ([], {})
    assert not Transcription.objects.get().begun


def test_begun_twice_is_one_job(api, jobs):
    """A worker died after the start and before it could note that."""
    send(api, (*NOTE, wav(tone(1.0))))
    work()
    Transcription.objects.update(begun=False)
    work()
    assert jobs.calls == ["StartTranscriptionJob", "StartTranscriptionJob"]
    assert len(jobs.jobs) == 1
    work(2)
    assert Transcription.objects.get().state == "done"


def test_a_mail_keeps_its_words_and_gets_the_note_below(api, jobs):
    jobs.said = Said.of("the blue one")
    query = send(api, (*NOTE, wav(tone(1.0))), message="Which sofa is in stock? See my note.")
    work(3)
    assert heard(query).text == "Which sofa is in stock? See my note.\n\n[Voice note note.ogg] the blue one"


def test_a_message_that_came_later_waits_for_what_was_said_before(api, jobs):
    query = send(api, (*NOTE, wav(tone(1.0))))
    later = send(api, message="And how much is it?", conversation_id=query.conversation_id)
    assert query_claim(query_id=later.pk) is None
    work(3)
    assert query_claim(query_id=later.pk).pk == later.pk


def test_a_job_that_fails_loses_nothing(api, jobs):
    jobs.fails = True
    query = send(api, (*NOTE, wav(tone(1.0))))
    work(MAX_TRIES + 3)
    row = Transcription.objects.get()
    assert (row.state, row.error_code) == ("failed", "job_failed")
    assert heard(query).text == NOT_HEARD
    assert query_claim(query_id=query.pk) is not None
    assert stored(jobs) == []


@pytest.mark.parametrize("refusal", ["LimitExceededException", "InternalFailureException", "AccessDeniedException"])
def test_a_service_that_refuses_is_tried_again_and_then_done_without(api, jobs, refusal):
    jobs.refuse = refusal
    query = send(api, (*NOTE, wav(tone(1.0))))
    work()
    assert Transcription.objects.get().state == "pending"
    work(MAX_TRIES)
    assert Transcription.objects.get().state == "failed"
    assert query_claim(query_id=query.pk) is not None
    assert {attempt.outcome for attempt in Attempt.objects.all()} == {"error"}
    jobs.refuse = ""
    work()
    assert stored(jobs) == []  # cleaned up as soon as it can be


def test_a_refusal_that_passes_is_forgotten(api, jobs):
    jobs.refuse = "LimitExceededException"
    query = send(api, (*NOTE, wav(tone(1.0))))
    work()
    jobs.refuse = ""
    work(3)
    assert heard(query).text == "hello"


def test_a_job_that_never_ends_is_given_up_and_the_query_waits_no_longer_than_a_while(api, jobs):
    jobs.looks = 10**6
    query = send(api, (*NOTE, wav(tone(1.0))))
    work(3)
    Query.objects.update(due_at=timezone.now())  # the while is over
    assert query_claim(query_id=query.pk) is not None
    Query.objects.update(status="received", lease_token="", lease_until=None)
    Transcription.objects.update(created_at=timezone.now() - GIVEN_UP)
    work(MAX_TRIES + 1)
    assert Transcription.objects.get().error_code == "timeout"


def test_a_worker_that_died_is_replaced(api, jobs, woken):
    send(api, (*NOTE, wav(tone(1.0))))
    key = Transcription.objects.get().pk
    Transcription.objects.update(lease_until=timezone.now() + timedelta(minutes=5))
    transcription_work(transcription_id=key)
    assert jobs.calls == []  # another one is on it
    Transcription.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    woken.clear()
    transcriptions_sweep()
    assert woken == [("conversations.transcription_work", key)]
    transcription_work(transcription_id=key)
    assert jobs.calls == ["StartTranscriptionJob"]


def test_a_worker_that_was_thought_dead_adds_no_second_text(api, jobs, monkeypatch):
    query = send(api, (*NOTE, wav(tone(1.0))))
    work(2)
    slow = Transcription.objects.select_related("attachment", "message").get()
    work()
    transcript = Transcript("another text", (), "en-US", 1.0, "transcribe-batch")
    recordings._stepped(slow, transcript)
    assert heard(query).text == "hello"


def test_a_bug_while_listening_is_tried_again(api, jobs, monkeypatch):
    send(api, (*NOTE, wav(tone(1.0))))
    monkeypatch.setattr(recordings, "audio_decode", lambda *_, **__: 1 / 0)
    work()
    monkeypatch.undo()
    assert Transcription.objects.get().state == "pending"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"#EXTM3U\nhttp://127.0.0.1/", "audio_refused"), (wav(tone(601.0, 8000), 8000), "audio_too_long")],
)
def test_what_cannot_be_heard_is_not_tried_again(api, jobs, content, code):
    query = send(api, (*NOTE, content), message="See my note.")
    work()
    assert Transcription.objects.get().error_code == code
    assert heard(query).text == f"See my note.\n\n{NOT_HEARD}"
    assert jobs.calls == []


def test_of_many_recordings_the_first_are_heard(api, jobs):
    query = send(api, *[(f"{number}.wav", "audio/wav", wav(tone(0.5))) for number in range(7)])
    states = list(Transcription.objects.order_by("created_at").values_list("state", flat=True))
    assert states.count("pending") == 5
    work(3)
    assert heard(query).text.count("hello") == 5


def test_a_message_of_nothing_is_refused_still(api):
    problem = problem_of(api.post("/api/v1/query", {"channel_id": "api", "user_id": "a@example.com", "message": ""}))
    assert problem["code"] == "blank"
    attached = [{"name": "bill.pdf", "content_type": "application/pdf", "content_base64": "JVBERg=="}]
    body = {"channel_id": "api", "user_id": "a@example.com", "message": "", "attachments": attached}
    assert problem_of(api.post("/api/v1/query", body))["param"] == "message"
    assert NothingToAnswer.code == "blank"


# --- In time everything is forgotten ---------------------------------------------------------------------------------


def row_make(**fields):
    return Transcription.objects.create(
        source="live", text="hello", words=[{"text": "hello"}], finished_at=timezone.now(), **fields
    )


def test_what_was_not_sent_is_deleted_after_a_day():
    row_make(visitor="v1")
    old = row_make(visitor="v2", created_at=timezone.now() - UNSENT_KEPT - timedelta(minutes=1))
    transcriptions_purge()
    assert not Transcription.objects.filter(pk=old.pk).exists()
    assert Transcription.objects.count() == 1


def test_what_was_sent_loses_its_copy_of_the_words_after_a_month(api, jobs):
    send(api, (*NOTE, wav(tone(1.0))))
    work(4)
    transcriptions_purge()
    assert Transcription.objects.get().words
    Transcription.objects.update(created_at=timezone.now() - WORDS_KEPT - timedelta(minutes=1))
    transcriptions_purge()
    row = Transcription.objects.get()
    assert (row.text, row.words, row.duration_s > 0) == ("", [], True)
