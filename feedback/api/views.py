"""The REST door of feedback."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.authentication import ChatPass, ChatSessionAuthentication
from feedback.api.examples import FEEDBACK_GIVEN, FEEDBACK_STORED
from feedback.api.serializers import FeedbackIn, FeedbackOut
from feedback.services import rating_give
from feedback.targets import Target, Wanted, target_for_browser, target_for_client
from omnicqm.common.api.authentication import BearerAuthentication, client_of
from omnicqm.common.api.idempotency import idempotent


class FeedbackView(APIView):
    """Say whether an insight or a reply was helpful."""

    authentication_classes = [BearerAuthentication, ChatSessionAuthentication]
    required_scopes = {"POST": ["feedback:write"]}

    @extend_schema(
        operation_id="feedback_give",
        summary="Say whether an insight or a reply was helpful",
        request=FeedbackIn,
        responses=FeedbackOut,
        examples=[FEEDBACK_GIVEN, FEEDBACK_STORED],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Rates an insight, or the reply to a query of the same client. The same caller again changes the rating. When
        it is answered, it is stored. In a customer's browser the chat's session does in place of a token, for the
        replies to that customer."""
        serializer = FeedbackIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        words = {name: fields.pop(name) for name in ("feedback", "reason", "comment")}
        target, rater = _target_and_rater(request, fields)
        rating = rating_give(target=target, rater=rater, **words)
        return Response(FeedbackOut(rating).data)


def _target_and_rater(request: Request, named: dict[str, Any]) -> tuple[Target, str]:
    wanted = Wanted(**named)
    if isinstance(request.auth, ChatPass):
        return target_for_browser(wanted, browser=request.auth.browser), request.auth.client_id
    client = client_of(request)
    return target_for_client(wanted, client=client), f"client:{client}"
