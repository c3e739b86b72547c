"""What ``POST /api/v1/feedback`` takes and gives, field by field, with its limits."""

from typing import Any

from rest_framework import serializers

from feedback.models import Rating
from omnicqm.common.api.fields import IdentifierField, RawTextField, StrictSerializer

MAX_ID_CHARS = 200
MAX_ACCOUNT_CHARS = 320
MAX_REASON_CHARS = 200
MAX_COMMENT_CHARS = 4000
WAYS = "request_id, unique_process_id, or contact_id with customer_account"
_ALONE = ("request_id", "unique_process_id")
_TOGETHER = ("contact_id", "customer_account")


class FeedbackIn(StrictSerializer):
    """Which insight or reply is rated, named in exactly one way, and how. Fields it does not know are refused."""

    request_id = IdentifierField(max_length=MAX_ID_CHARS, required=False, help_text="of the insight, or of the query")
    unique_process_id = IdentifierField(max_length=MAX_ID_CHARS, required=False, help_text="of the insight")
    contact_id = IdentifierField(
        max_length=MAX_ID_CHARS, required=False, help_text="with customer_account: the latest insight for both"
    )
    customer_account = IdentifierField(max_length=MAX_ACCOUNT_CHARS, required=False)
    feedback = serializers.ChoiceField(choices=Rating.Feedback.choices)
    reason = RawTextField(
        max_length=MAX_REASON_CHARS, allow_blank=True, required=False, default="", help_text="a few words"
    )
    comment = RawTextField(max_length=MAX_COMMENT_CHARS, allow_blank=True, required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        alone = [name for name in _ALONE if name in attrs]
        together = [name for name in _TOGETHER if name in attrs]
        named = [*alone, *together[:1]]
        if not named:
            raise serializers.ValidationError({"request_id": f"Name what is rated: {WAYS}."}, "required")
        if len(named) > 1:
            raise serializers.ValidationError({named[1]: f"Name what is rated in one way only: {WAYS}."}, "ambiguous")
        if len(together) == 1:
            missing = next(name for name in _TOGETHER if name not in attrs)
            raise serializers.ValidationError({missing: f"Is needed with {together[0]}."}, "required")
        return attrs


class FeedbackOut(serializers.Serializer[Any]):
    """The rating that was stored."""

    request_id = serializers.CharField(help_text="of the insight or query that was rated")
    feedback = serializers.ChoiceField(choices=Rating.Feedback.choices)
