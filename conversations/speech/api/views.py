"""``POST /api/v1/voice/transcriptions``: parse, listen, keep, tell."""

from functools import partial
from typing import IO, Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.models import Transcription
from conversations.speech.api.examples import TRANSCRIPTION_MADE
from conversations.speech.api.serializers import TranscriptionIn, TranscriptionOut
from conversations.speech.errors import AudioTooLarge
from conversations.speech.listening import MOST_BYTES, recording_hear
from conversations.speech.selectors import transcription_document
from conversations.speech.services import Owner, transcription_create
from conversations.speech.types import Transcript
from omnicqm.common.api.authentication import client_of
from omnicqm.common.api.idempotency import answered_once

FORM_BYTES = 64 * 1024  # what a form may add to its file


class RecordingParser(MultiPartParser):
    """Refuses by the announced length, before anything is read."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        announced = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > MOST_BYTES + FORM_BYTES:
            raise AudioTooLarge(f"The recording is larger than {MOST_BYTES // 2**20} MB.", param="audio")
        return super().parse(stream, media_type, parser_context)


class TranscriptionCreateView(APIView):
    """Recordings become text here."""

    parser_classes = [RecordingParser]
    required_scopes = {"POST": ["voice:write"]}

    @extend_schema(
        operation_id="transcription_create",
        summary="Turn a recording into text",
        description=(
            "Answers when the text is there. Nothing becomes of the text by itself: send it with `POST /api/v1/query`, "
            "and `transcription_id` with it, so that words that were not heard surely are asked for, not guessed. The "
            "recording is not kept. 422 when it holds no words; 429 with `Retry-After` when too many are being "
            "listened to."
        ),
        tags=["voice"],
        request={"multipart/form-data": TranscriptionIn},
        responses={200: TranscriptionOut},
        examples=[TRANSCRIPTION_MADE],
    )
    def post(self, request: Request) -> Response:
        form = TranscriptionIn(data=request.data)
        form.is_valid(raise_exception=True)
        work = partial(_hear, form.validated_data, client_of(request))
        return answered_once(request, work=work, store=partial(_store, client=client_of(request)))


def _hear(fields: dict[str, Any], client: str) -> Transcript:
    return recording_hear(
        data=fields["audio"].read(MOST_BYTES + 1),
        language=fields.get("language", ""),
        scope="api",
        holder=f"client:{client}",
        most=settings.SPEECH_AT_ONCE,
    )


def _store(transcript: Transcript, *, client: str) -> Response:
    row = transcription_create(transcript=transcript, owner=Owner(client=client), source=Transcription.Source.API)
    return Response(transcription_document(row))
