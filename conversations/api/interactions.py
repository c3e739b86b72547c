"""The REST door of interactions: what other systems tell of."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.identity.normalise import MAX_LENGTH, account_normalise
from conversations.interactions.importing import (
    MAX_CHANNEL_CHARS,
    MAX_DETAIL_CHARS,
    MAX_EXTERNAL_ID_CHARS,
    MAX_INTENT_CHARS,
    ToldInteraction,
    interactions_import,
)
from conversations.models import Interaction
from omnicqm.common.api.authentication import client_of
from omnicqm.common.api.fields import IdentifierField, InstantField, LabelField, RawTextField, StrictSerializer
from omnicqm.common.api.idempotency import idempotent
from omnicqm.common.errors import InvalidInput
from omnicqm.common.text import text_clean

MAX_INTERACTIONS = 1_000  # in one request
CLOCK_SKEW = timedelta(minutes=10)


class InteractionIn(StrictSerializer):
    account_number = IdentifierField(max_length=MAX_LENGTH)
    channel = IdentifierField(max_length=MAX_CHANNEL_CHARS, help_text="a free label such as phone, ivr or branch")
    timestamp = InstantField(help_text="when it happened")
    intent = LabelField(max_length=MAX_INTENT_CHARS, required=False, default="")
    detail = RawTextField(
        allow_blank=True,
        required=False,
        default="",
        help_text=f"what was said and done, {MAX_DETAIL_CHARS:,} characters",
    )
    external_id = IdentifierField(max_length=MAX_EXTERNAL_ID_CHARS, help_text="your id of it, once per channel")

    def validate_account_number(self, value: str) -> str:
        try:
            return account_normalise(value)
        except InvalidInput as error:
            raise serializers.ValidationError("Is not an account number.") from error

    def validate_timestamp(self, value: datetime) -> datetime:
        if value > timezone.now() + CLOCK_SKEW:
            raise serializers.ValidationError("Lies in the future.")
        return value

    def validate_detail(self, value: str) -> str:
        if len(value) > MAX_DETAIL_CHARS:
            raise serializers.ValidationError(f"Is longer than {MAX_DETAIL_CHARS:,} characters. Shorten it.")
        return text_clean(value).strip()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["detail"] and not attrs["intent"]:
            raise serializers.ValidationError({"detail": "Holds no text, and intent neither: one must say something."})
        return attrs


class InteractionsOut(serializers.Serializer[Any]):
    accepted = serializers.IntegerField(help_text="stored now")
    duplicates = serializers.IntegerField(help_text="known already by channel and external_id")


INTERACTIONS_TOLD = OpenApiExample(  # one of the list: the schema's generator puts it into one
    "A call",
    request_only=True,
    value={
        "account_number": "OE-21240",
        "channel": "phone",
        "timestamp": "2026-11-18T09:12:00+01:00",
        "intent": "late_delivery",
        "detail": "Called because order 4471 has not come. Agent promised a new date by Friday.",
        "external_id": "call-88121",
    },
)
INTERACTIONS_STORED = OpenApiExample(
    "Stored", response_only=True, status_codes=["200"], value={"accepted": 1, "duplicates": 0}
)


class InteractionsView(APIView):
    """Tell of interactions that happened elsewhere."""

    required_scopes = {"POST": ["interactions:write"]}

    @extend_schema(
        operation_id="interactions_create",
        summary="Tell of interactions elsewhere",
        request=InteractionIn(many=True, allow_empty=False, max_length=MAX_INTERACTIONS),  # type: ignore[call-arg]
        responses={200: InteractionsOut},
        examples=[INTERACTIONS_TOLD, INTERACTIONS_STORED],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Stores them all, or none when one is wrong; answered means committed. What is known by (channel,
        external_id) is counted as a duplicate and stays as it is. An unknown account makes a customer."""
        fields = InteractionIn(data=request.data, many=True, allow_empty=False, max_length=MAX_INTERACTIONS)  # type: ignore[call-arg]
        fields.is_valid(raise_exception=True)
        counts = interactions_import(
            told=[_told(one) for one in fields.validated_data],
            source=Interaction.Source.API,
            actor=f"client:{client_of(request)}",
        )
        return Response(InteractionsOut(counts).data)


def _told(fields: dict[str, Any]) -> ToldInteraction:
    return ToldInteraction(occurred_at=fields.pop("timestamp"), **fields)
