"""POST /api/v1/voice/transcriptions: recordings in, text out, and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.models import Message, Query, Transcription
from conversations.services.channels import channels_ensure_defaults
from conversations.speech.listening import MOST_BYTES
from omnicqm.common.errors import OmniError
from omnicqm.common.models import Attempt, AuditEvent, IdempotencyRecord
from tests.api import ApiClient, problem_of
from tests.conversations.speech.conftest import coded, tone, wav
from tests.simulators.transcribe import Said

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/voice/transcriptions"


class VoiceClient(ApiClient):
    def __init__(self, scopes=None):
        super().__init__(scopes)
        self._forms = Client(raise_request_exception=False)

    def transcribe(self, recording=None, *, name="note.webm", headers=None, **fields):
        if recording is not None:
            fields["audio"] = SimpleUploadedFile(name, recording, "audio/webm")
        return self._forms.post(PATH, fields, headers=self._headers(headers or {}))


@pytest.fixture
def api():
    channels_ensure_defaults()
    return VoiceClient()


@pytest.fixture
def heard(streams):
    streams.said = [Said.of("what does room delivery cost ?", room=0.41)]
    return streams


def test_a_recording_becomes_text_and_nothing_else(api, heard):
    answer = api.transcribe(coded(tone(1.0), "webm", "libopus"))
    assert answer.status_code == 200, answer.content
    told = answer.json()
    row = Transcription.objects.get()
    assert told["transcription_id"] == row.pk
    assert told["text"] == "what does room delivery cost?"
    assert told["doubtful"] == [{"start_char": 10, "end_char": 14}]
    assert (told["language"], told["model_used"]) == ("en-US", "transcribe-streaming")
    assert told["duration_s"] == pytest.approx(1.0, abs=0.1)
    assert told["words"][2] == {"text": "room", "confidence": 0.41, "start": 2.0, "end": 2.8}
    assert (row.source, row.client, row.state) == ("api", api.client_id, "done")
    assert not Message.objects.exists()
    assert Attempt.objects.get().scope == "api"
    event = AuditEvent.objects.get(action="transcription.created")
    assert "room" not in str(event.details)


def test_it_needs_its_own_scope():
    assert problem_of(VoiceClient(["queries:write"]).transcribe(wav(tone())))["code"] == "insufficient_scope"
    assert VoiceClient(["voice:write"]).transcribe(b"x").status_code == 400


def test_the_same_key_again_is_the_same_transcription(api, heard):
    recording = wav(tone())
    first = api.transcribe(recording, headers={"Idempotency_Key": "one"})
    again = api.transcribe(recording, headers={"Idempotency_Key": "one"})
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert (Transcription.objects.count(), len(heard.streams)) == (1, 1)
    assert (
        problem_of(api.transcribe(wav(tone(2)), headers={"Idempotency_Key": "one"}))["code"] == "idempotency_mismatch"
    )


def test_a_failure_is_paid_for_but_not_kept_for_its_key(api, heard):
    heard.exception = ("LimitExceededException", 1)
    refused = api.transcribe(wav(tone()), headers={"Idempotency_Key": "one"})
    assert problem_of(refused)["code"] == "speech_busy"
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert Attempt.objects.get().outcome == "error"
    assert not IdempotencyRecord.objects.exists()
    heard.recover()
    assert api.transcribe(wav(tone()), headers={"Idempotency_Key": "one"}).status_code == 200


@pytest.mark.parametrize(
    ("recording", "fields", "status", "code", "param"),
    [
        (None, {}, 400, "required", "audio"),
        (b"", {}, 400, "empty", "audio"),
        (b"#EXTM3U\nhttp://127.0.0.1/x", {}, 400, "audio_refused", "audio"),
        (wav(tone(61)), {}, 400, "audio_too_long", "audio"),
        (wav(tone()), {"language": "fr-FR"}, 400, "language_unsupported", "language"),
        (wav(tone()), {"language": "'; drop"}, 400, "invalid", "language"),
    ],
)
def test_what_cannot_be_heard_is_refused_by_name(api, heard, recording, fields, status, code, param):
    problem = problem_of(api.transcribe(recording, **fields))
    assert (problem["status"], problem["code"], problem["param"]) == (status, code, param)
    assert not Transcription.objects.exists()


def test_too_large_a_body_is_refused_unread(api):
    problem = problem_of(api.transcribe(bytes(MOST_BYTES + 100_000)))
    assert (problem["status"], problem["code"]) == (413, "audio_too_large")


def test_no_words_in_it_is_said(api, heard):
    heard.said = []
    assert problem_of(api.transcribe(wav(tone())))["code"] == "nothing_heard"


def test_no_more_than_so_many_at_once(api, heard, settings):
    settings.SPEECH_AT_ONCE = 0
    refused = api.transcribe(wav(tone()))
    assert refused.status_code == 429


# --- The message it becomes ------------------------------------------------------------------------------------------


def query(api, transcription_id, text="what does room delivery cost?", **more):
    body = {"channel_id": "api", "user_id": "efua@example.com", "message": text, "transcription_id": transcription_id}
    return api.post("/api/v1/query", body | more)


@pytest.fixture
def nobody_answers(monkeypatch):
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)


def test_it_is_sent_with_a_message_once(api, heard, nobody_answers):
    transcription_id = api.transcribe(wav(tone())).json()["transcription_id"]
    accepted = query(api, transcription_id)
    assert accepted.status_code == 202, accepted.content
    message = Message.objects.get()
    assert message.spoken
    assert message.transcriptions.get().pk == transcription_id
    problem = problem_of(query(api, transcription_id))
    assert (problem["status"], problem["code"]) == (409, "transcription_used")
    assert Query.objects.count() == 1


def test_another_clients_transcription_is_not_there(api, heard, nobody_answers):
    transcription_id = api.transcribe(wav(tone())).json()["transcription_id"]
    problem = problem_of(query(VoiceClient(), transcription_id))
    assert (problem["status"], problem["code"], problem["param"]) == (
        404,
        "transcription_not_found",
        "transcription_id",
    )
    assert not Message.objects.exists()


def test_no_transcript_is_in_the_log(api, heard, caplog):
    with caplog.at_level("DEBUG"):
        api.transcribe(wav(tone()))
    assert "delivery cost" not in caplog.text


def test_every_error_of_speech_has_a_door_status():
    from conversations.speech import errors

    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, OmniError)]
    assert {error.status for error in found} <= {400, 404, 409, 413, 422, 429, 503}
