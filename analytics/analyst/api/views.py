"""The REST door of the analyst."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.analyst.api.examples import ASKED, NOT_UNDERSTOOD
from analytics.analyst.api.serializers import AskIn, AskOut
from analytics.analyst.services import question_ask
from analytics.analyst.types import Asker
from omnicqm.common.api.authentication import client_of
from omnicqm.common.api.idempotency import idempotent


class AskView(APIView):
    """Ask for figures in plain words."""

    required_scopes = {"POST": ["analytics:read"]}

    @extend_schema(
        operation_id="analytics_ask",
        summary="Ask for figures in plain words",
        request=AskIn,
        responses=AskOut,
        examples=[ASKED, NOT_UNDERSTOOD],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A sentence, a table and a chart over the metric catalogue. Every question is answered with 200: one that is
        not understood, that the catalogue does not know or that takes too long has no table, the reason in `answer`
        and questions near by in `suggestions`. Every figure comes with its definition."""
        serializer = AskIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        client = client_of(request)
        answer = question_ask(
            question=serializer.validated_data["question"],
            asker=Asker(f"client:{client}"),
            conversation=serializer.validated_data.get("conversation", ""),
        )
        return Response(answer.dump())
