"""``POST /api/v1/omni-channel-insights``: parse, ask for the answer, tell it."""

import time
from typing import Any

from django.http import HttpRequest, JsonResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from structlog.contextvars import bound_contextvars

from conversations.insights.answering import insight_answer
from conversations.insights.api.examples import (
    INSIGHT_ANSWER,
    INSIGHT_OF_NOTHING,
    INSIGHT_REQUEST,
    INSIGHT_REQUEST_SHORT,
)
from conversations.insights.api.serializers import InsightIn, InsightOut
from conversations.insights.events import InsightEvent, insight_log
from conversations.insights.selectors import insight_document
from conversations.insights.types import InsightRequest
from conversations.models import Insight
from omnicqm.common.api.asynchronous import AsyncAPIView, json_body
from omnicqm.common.api.idempotency import REPLAYED_HEADER, fingerprint_of, key_of
from omnicqm.common.ids import new_id
from omnicqm.common.tokens import ClientToken

_read = InsightIn()  # holds no state of a request; making one for each would cost more than its use

_HEADERS = [
    OpenApiParameter("X-Model-Used", str, OpenApiParameter.HEADER, response=[200], description="as model_used"),
    OpenApiParameter("X-Cache-Hit", bool, OpenApiParameter.HEADER, response=[200], description="as cache_hit"),
    OpenApiParameter(
        "X-Latency-Ms", OpenApiTypes.INT, OpenApiParameter.HEADER, response=[200], description="as latency_ms"
    ),
]


class InsightCreateView(AsyncAPIView):
    """A summary of what a customer and the company had to do with each other lately."""

    required_scopes = {"POST": ["insights:read"]}

    @extend_schema(
        operation_id="insight_create",
        summary="Summarise a customer's recent interactions",
        request=InsightIn,
        responses={200: InsightOut},
        examples=[INSIGHT_REQUEST, INSIGHT_REQUEST_SHORT, INSIGHT_ANSWER, INSIGHT_OF_NOTHING],
        parameters=_HEADERS,
    )
    async def post(self, request: HttpRequest, token: ClientToken) -> JsonResponse:
        """Answers within 8 seconds, whatever happens to a model. The same `unique_process_id` again gets the same
        answer; with another body 409. 429 with `Retry-After` when too many ask at once."""
        arrived, request_id = time.monotonic(), new_id("ins")
        with bound_contextvars(request_id=request_id, client=token.client_id):
            wanted = _request_read(request, request_id, token.client_id, arrived)
            insight_log(InsightEvent.REQUEST_RECEIVED)
            return _response(await insight_answer(wanted), wanted)


def _request_read(request: HttpRequest, request_id: str, client: str, arrived: float) -> InsightRequest:
    body = json_body(request)
    fields: dict[str, Any] = _read.run_validation(body)
    key = key_of(request.headers)
    return InsightRequest(
        request_id=request_id,
        client=client,
        arrived=arrived,
        replay=(key, fingerprint_of("POST", request.path, body)) if key else None,
        is_named=bool(fields["unique_process_id"]),
        **fields | {"unique_process_id": fields["unique_process_id"] or new_id("prc")},
    )


def _response(insight: Insight, wanted: InsightRequest) -> JsonResponse:
    document = insight_document(insight)
    headers = {
        "X-Model-Used": document["model_used"],
        "X-Cache-Hit": str(document["cache_hit"]).lower(),
        "X-Latency-Ms": str(document["latency_ms"]),
    }
    if wanted.replay and insight.pk != wanted.request_id:
        headers[REPLAYED_HEADER] = "true"
    return JsonResponse(document, headers=headers, json_dumps_params={"ensure_ascii": False})
