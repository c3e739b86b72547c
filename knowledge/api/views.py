"""The calls under /api/v1/knowledge/."""

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge import selectors, services
from knowledge.api import schemas
from knowledge.api.answers import document_answer, upload_answer
from knowledge.api.parsers import FileFormParser
from knowledge.models import Audience
from knowledge.parsing import MAX_BYTES
from knowledge.services import UploadReceipt
from omnicqm.common.api.authentication import client_of
from omnicqm.common.api.idempotency import idempotent
from omnicqm.common.tasks import task_call

SEARCH_SECONDS = 10.0
_TAG = ["knowledge"]
_DOCUMENT_ID = "doc_01k8z3c9v7e2m4n6p8r0t2w4y6"


class DocumentsView(APIView):
    """Documents are handed in here."""

    parser_classes = [FileFormParser]
    required_scopes = {"POST": ["knowledge:write"]}

    @extend_schema(
        operation_id="knowledge_document_upload",
        summary="Upload a document",
        description=(
            "Takes a file in; a worker reads it. The same `external_id` again (without one: the same file name) makes "
            "a new version, or nothing at all when the file is the same. A JSONL file makes a document of every line, "
            "under the line's own id."
        ),
        tags=_TAG,
        request={"multipart/form-data": schemas.UploadRequest},
        responses={202: schemas.UploadAccepted},
        examples=[
            OpenApiExample(
                "One document",
                response_only=True,
                status_codes=["202"],
                value={
                    "document_id": _DOCUMENT_ID,
                    "document_ids": [_DOCUMENT_ID],
                    "job_url": f"https://omnicqm.example/api/v1/knowledge/documents/{_DOCUMENT_ID}",
                },
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        form = schemas.UploadRequest(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        receipt = services.upload_create(
            data=fields["file"].read(MAX_BYTES + 1),
            name=fields["file"].name,
            source="api",
            actor=_actor(request),
            title=fields.get("title", ""),
            external_id=fields.get("external_id"),
            known_by_name=True,
            audience=_audience(fields.get("internal")),
        )
        job_url = request.build_absolute_uri(_job_path(receipt))
        answer = {
            "document_id": receipt.documents[0].id if len(receipt.documents) == 1 else None,
            "document_ids": [document.id for document in receipt.documents],
            "job_url": job_url,
        }
        return Response(answer, status=202, headers={"Location": job_url, "Retry-After": "1"})


class DocumentView(APIView):
    """One document."""

    required_scopes = {"GET": ["knowledge:read"], "DELETE": ["knowledge:write"]}

    @extend_schema(
        operation_id="knowledge_document",
        summary="A document, its versions and how far they are",
        tags=_TAG,
        responses={200: schemas.DocumentAnswer},
    )
    def get(self, request: Request, document_id: str) -> Response:
        return Response(document_answer(selectors.document_get(document_id)))

    @extend_schema(
        operation_id="knowledge_document_delete",
        summary="Delete a document",
        description="Removes its versions, its files and what search holds of it. Old citations of it end.",
        tags=_TAG,
        responses={204: None},
    )
    def delete(self, request: Request, document_id: str) -> Response:
        services.document_delete(document_id=document_id, actor=_actor(request))
        return Response(status=204)


class UploadView(APIView):
    """How far an upload of many documents is."""

    required_scopes = {"GET": ["knowledge:read"]}

    @extend_schema(
        operation_id="knowledge_upload",
        summary="How far an upload is",
        description="The `job_url` of a JSONL file.",
        tags=_TAG,
        responses={200: schemas.UploadAnswer},
    )
    def get(self, request: Request, upload_id: str) -> Response:
        return Response(upload_answer(selectors.upload_progress(upload_id)))


class SearchView(APIView):
    """Search as the agent does it."""

    required_scopes = {"GET": ["knowledge:read"]}

    @extend_schema(
        operation_id="knowledge_search",
        summary="Search the knowledge base",
        description=(
            "The passages that fit best, best first. What is hardly about the question is left out, so an empty list "
            "says that nothing is known about it. `score` only orders the passages of one answer; to compare answers, "
            "take `relevance`."
        ),
        tags=_TAG,
        parameters=[schemas.SearchRequest],
        responses={200: schemas.PassageAnswer(many=True)},
        examples=[
            OpenApiExample("A question", parameter_only=("q", "query"), value="What does room delivery cost?"),
            OpenApiExample(
                "One passage",
                response_only=True,
                value={  # one of the list: the schema's generator puts it into one
                    "document_id": _DOCUMENT_ID,
                    "external_id": "cards/lost",
                    "title": "Lost cards",
                    "version": 2,
                    "version_id": "ver_01k8z3c9v7e2m4n6p8r0t2w4y6",
                    "chunk_id": "chk_01k8z3c9v7e2m4n6p8r0t2w4y6",
                    "heading": "By phone",
                    "text": "Call us at any hour: we block the card at once and send you a new one.",
                    "score": 0.97,
                    "relevance": 0.81,
                    "internal": False,
                },
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        query = schemas.SearchRequest(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        arguments = (wanted["q"], wanted["k"], str(wanted["audience"]), wanted["min_relevance"])
        return Response(task_call("knowledge.search", *arguments, timeout=SEARCH_SECONDS))


def _audience(internal: bool | None) -> Audience | None:
    return None if internal is None else Audience.INTERNAL if internal else Audience.CUSTOMER


def _job_path(receipt: UploadReceipt) -> str:
    if len(receipt.documents) == 1:
        return reverse("knowledge-document", args=[receipt.documents[0].id])
    return reverse("knowledge-upload", args=[receipt.upload.id])


def _actor(request: Request) -> str:
    return f"client:{client_of(request)}"
