"""What ``POST /api/v1/omni-channel-insights`` takes and gives, field by field, with its limits."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.identity.normalise import MAX_LENGTH as MAX_ACCOUNT_CHARS
from conversations.identity.normalise import account_normalise
from omnicqm.common.api.fields import IdentifierField, LabelField, StrictSerializer
from omnicqm.common.errors import InvalidInput
from omnicqm.common.text import identifier_check

MAX_ID_CHARS = 200
MAX_INTENT_CHARS = 200
MAX_DAYS = 3650
MAX_INTERACTIONS = 100
MAX_LABEL_CHARS = 80
MAX_LABELS = 20

_LABELS_SCHEMA = {
    "nullable": True,
    "oneOf": [
        {"type": "string", "maxLength": MAX_LABELS * (MAX_LABEL_CHARS + 1)},
        {"type": "array", "items": {"type": "string", "maxLength": MAX_LABEL_CHARS}, "maxItems": MAX_LABELS},
    ],
    "description": "channels to look at: one label, several separated by commas, or a list; nothing means all",
}


@extend_schema_field(_LABELS_SCHEMA)
class LabelsField(serializers.Field[Any, Any, Any, Any]):
    """Labels of channels: ``"voice"``, ``"voice,chat"`` or ``["voice", "chat"]``; nothing in it means None.

    What comes out has the form of what came in, each label without blanks at its ends.
    """

    default_error_messages = {
        "invalid": "Must be a label such as voice, several separated by commas, or a list of labels.",
        "too_many": f"Has more than {MAX_LABELS} labels.",
        "too_long": f"Has a label longer than {MAX_LABEL_CHARS} characters.",
        "blank": "Has an empty label. Leave it out.",
    }

    def to_internal_value(self, data: Any) -> str | list[str] | None:
        pieces = data.split(",") if isinstance(data, str) else data
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            self.fail("invalid")
        if not "".join(pieces).strip():
            return None
        if len(pieces) > MAX_LABELS:
            self.fail("too_many")
        labels = [self._label(piece) for piece in pieces]
        return ",".join(labels) if isinstance(data, str) else labels

    def to_representation(self, value: Any) -> Any:
        return value

    def _label(self, piece: str) -> str:
        try:
            label = identifier_check(piece, param=self.field_name or "channel_filter")
        except InvalidInput as error:
            raise serializers.ValidationError(error.message, code=error.code) from error
        if not label:
            self.fail("blank")
        if len(label) > MAX_LABEL_CHARS:
            self.fail("too_long")
        return label


class InsightIn(StrictSerializer):
    """Whose interactions are to be summarised, and for which contact. Fields it does not know are refused by name."""

    unique_process_id = IdentifierField(
        max_length=MAX_ID_CHARS,
        allow_blank=True,
        required=False,
        default="",
        help_text="names this request: the same again gets the same answer. Made when absent",
    )
    account_number = IdentifierField(
        max_length=MAX_ACCOUNT_CHARS, help_text="of the customer, as other systems know it"
    )
    initial_contact_id = IdentifierField(
        max_length=MAX_ID_CHARS,
        allow_blank=True,
        required=False,
        default="",
        help_text="of the first contact, in a transfer",
    )
    contact_id = IdentifierField(max_length=MAX_ID_CHARS, help_text="the call, chat or case it is wanted for")
    ivr_intent = LabelField(
        max_length=MAX_INTENT_CHARS,
        required=False,
        default="misc",
        help_text="why the customer comes, if that is known",
    )
    max_history_days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, required=False, default=90)
    max_interactions = serializers.IntegerField(min_value=1, max_value=MAX_INTERACTIONS, required=False, default=10)
    channel_filter = LabelsField(required=False, default=None)

    def validate_account_number(self, value: str) -> str:
        try:
            account_normalise(value, param="account_number")
        except InvalidInput as error:
            raise serializers.ValidationError(error.message, code=error.code) from error
        return value


class InsightOut(serializers.Serializer[Any]):
    """The summary, and what it rests on."""

    contact_id = serializers.CharField()
    unique_process_id = serializers.CharField(help_text="as sent, or made")
    request_id = serializers.CharField(help_text="of this answer; every answer has its own")
    account_number = serializers.CharField()
    summary = serializers.CharField(help_text='"No interactions found…" where there is nothing to summarise')
    date_range = serializers.CharField(
        help_text="first and last day of the interactions used, or of the window when there are none: "
        "2026-08-23 to 2026-11-21"
    )
    model_used = serializers.CharField(help_text="none where there is no history")
    cache_hit = serializers.BooleanField(help_text="the text, or its prompt, was known")
    latency_ms = serializers.IntegerField(help_text="from the arrival of the request")
    generated_at = serializers.DateTimeField(help_text="when the text was made")
    max_history_days = serializers.IntegerField()
    max_interactions = serializers.IntegerField()
    channel_filter = LabelsField(allow_null=True)
    prompt_version = serializers.CharField(help_text="none where there is no history")
