"""What the API takes and gives, field by field, with its limits."""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.channels.base import InboundAttachment
from conversations.models import Attachment, Conversation, Customer, Identity, Message, Query
from conversations.selectors import customer_evidence, messages_after
from conversations.speech.audio.kinds import is_recording
from omnicqm.common.api.fields import EvidenceField, IdentifierField, InstantField, RawTextField, StrictSerializer
from omnicqm.common.errors import TooLarge
from omnicqm.common.outgoing import MAX_URL_LENGTH, outgoing_url_check
from omnicqm.common.text import data_clean

MAX_MESSAGE_CHARS = 2_000_000  # as it comes, with the thread quoted below; what is left of it is cut, not refused
MAX_HTML_CHARS = 2_000_000
MAX_ATTACHMENTS = 20
MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024
MAX_METADATA_CHARS = 16 * 1024
MAX_REFERENCES = 100
CLOCK_SKEW = timedelta(minutes=10)


class AttachmentIn(serializers.Serializer[InboundAttachment]):
    name = IdentifierField(max_length=255)
    content_type = serializers.RegexField(r"^[\w.+-]+/[\w.+-]+(;.*)?$", max_length=127)
    content_base64 = serializers.CharField(max_length=MAX_ATTACHMENT_BYTES * 4 // 3 + 4)

    def validate_content_base64(self, value: str) -> bytes:
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("Is not base64.") from error
        if not content:
            raise serializers.ValidationError("Is empty.")
        return content


class QueryIn(StrictSerializer):
    """A customer's message as a channel posts it. Fields it does not know are refused by name."""

    channel_id = IdentifierField(max_length=40)
    user_id = IdentifierField(max_length=400, help_text="the customer on this channel, e.g. an e-mail address")
    message = RawTextField(max_length=MAX_MESSAGE_CHARS, allow_blank=True, required=False, default="")
    subject = RawTextField(max_length=2_000, allow_blank=True, required=False, default="")
    html = RawTextField(max_length=MAX_HTML_CHARS, allow_blank=True, required=False, default="")
    external_id = IdentifierField(max_length=998, allow_blank=True, required=False, default="")
    in_reply_to = IdentifierField(max_length=998, allow_blank=True, required=False, default="")
    references = serializers.ListField(
        child=IdentifierField(max_length=998), max_length=MAX_REFERENCES, required=False, default=list
    )
    conversation_id = serializers.RegexField(
        r"^cnv_[0-9a-hjkmnp-tv-z]{26}$", required=False, help_text="go on in this conversation of the same customer"
    )
    transcription_id = serializers.RegexField(
        r"^trn_[0-9a-hjkmnp-tv-z]{26}$", required=False, help_text="message was spoken: its transcription of yours"
    )
    callback_url = IdentifierField(max_length=MAX_URL_LENGTH, required=False)
    received_at = InstantField(required=False)
    attachments = AttachmentIn(many=True, required=False, max_length=MAX_ATTACHMENTS)  # type: ignore[call-arg]
    metadata = serializers.DictField(required=False, default=dict)

    def validate_callback_url(self, value: str) -> str:
        return outgoing_url_check(value, param="callback_url")

    def validate_received_at(self, value: datetime) -> datetime:
        if value > timezone.now() + CLOCK_SKEW:
            raise serializers.ValidationError("Lies in the future.")
        return value

    def validate_metadata(self, value: dict[str, Any]) -> Any:
        try:
            size = len(json.dumps(value))
        except RecursionError as error:
            raise serializers.ValidationError("Is nested too deeply.") from error
        if size > MAX_METADATA_CHARS:
            raise serializers.ValidationError(f"Is larger than {MAX_METADATA_CHARS} characters of JSON.")
        return data_clean(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attached = attrs.get("attachments", [])
        says = attrs["message"].strip() or attrs["html"].strip()
        if not says and not any(
            is_recording(name=part["name"], content_type=part["content_type"]) for part in attached
        ):
            told = "Must not be empty, unless html or an attached recording holds the message."
            raise serializers.ValidationError({"message": told}, "blank")
        if sum(len(part["content_base64"]) for part in attached) > MAX_ATTACHMENT_BYTES:
            raise TooLarge("The attachments are larger than 25 MB together.", param="attachments")
        return attrs


class QueryAccepted(serializers.Serializer[Any]):
    """A message that was taken in."""

    request_id = serializers.CharField()
    conversation_id = serializers.CharField()
    reference = serializers.CharField(help_text="the number customers and consultants know the conversation by")
    customer_id = serializers.CharField()
    status = serializers.ChoiceField(choices=Query.Status.choices)
    status_url = serializers.URLField()


class SourceOut(serializers.Serializer[Any]):
    document_id = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    version = serializers.IntegerField()
    chunk_id = serializers.CharField()
    quote = serializers.CharField()
    score = serializers.FloatField()


class ReplyOut(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="Markdown")
    html = serializers.CharField()
    sources = SourceOut(many=True)


class FactorOut(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    weight = serializers.IntegerField()
    evidence = serializers.ListField(child=serializers.CharField())


class QueryOut(serializers.Serializer[Any]):
    """How a query stands. While people have it, `reply` is the suggestion they start from."""

    request_id = serializers.CharField()
    status = serializers.ChoiceField(choices=Query.Status.choices)
    decision = serializers.ChoiceField(choices=["auto_send", "clarify", "escalate"], allow_null=True)
    reply = ReplyOut(allow_null=True)
    score = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    threshold = serializers.IntegerField(allow_null=True)
    factors = serializers.DictField(child=FactorOut())
    explanation = serializers.CharField()
    intent = serializers.CharField()
    category = serializers.CharField()
    model_used = serializers.CharField()
    latency_ms = serializers.IntegerField(allow_null=True)
    conversation_id = serializers.CharField()
    escalation_id = serializers.CharField(required=False)


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ["id", "name", "content_type", "size"]


class MessageOut(serializers.ModelSerializer[Message]):
    sources = SourceOut(many=True)
    attachments = AttachmentOut(many=True)
    channel_id = serializers.CharField()

    class Meta:
        model = Message
        fields = [
            "id",
            "seq",
            "direction",
            "author",
            "channel_id",
            "spoken",
            "subject",
            "text",
            "html",
            "sources",
            "attachments",
            "external_id",
            "received_at",
        ]


class ConversationOut(serializers.ModelSerializer[Conversation]):
    conversation_id = serializers.CharField(source="id")
    customer_id = serializers.CharField()
    messages = serializers.SerializerMethodField(help_text="the first 200; the rest by the messages call")

    class Meta:
        model = Conversation
        fields = [
            "conversation_id",
            "reference",
            "customer_id",
            "subject",
            "status",
            "category",
            "last_seq",
            "created_at",
            "updated_at",
            "messages",
        ]

    def get_messages(self, conversation: Conversation) -> list[dict[str, Any]]:
        return list(MessageOut(messages_after(conversation=conversation)[:200], many=True).data)


class MessagesOut(serializers.Serializer[Any]):
    conversation_id = serializers.CharField()
    last_seq = serializers.IntegerField(help_text="number of the newest message of the conversation")
    messages = MessageOut(many=True)


class IdentityOut(serializers.ModelSerializer[Identity]):
    verified = serializers.SerializerMethodField()

    class Meta:
        model = Identity
        fields = ["id", "kind", "value", "verified", "verified_at", "source"]

    def get_verified(self, identity: Identity) -> bool:
        return identity.verified_at is not None


class EvidenceOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    action = serializers.CharField()
    actor = serializers.CharField()
    details = serializers.DictField(help_text="ids and codes")


class CustomerOut(serializers.ModelSerializer[Customer]):
    customer_id = serializers.CharField(source="id")
    identities = IdentityOut(many=True)
    evidence = serializers.SerializerMethodField(help_text="merges, splits and imports that made them who they are")

    class Meta:
        model = Customer
        fields = [
            "customer_id",
            "display_name",
            "service_level",
            "language",
            "profile",
            "identities",
            "evidence",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(EvidenceOut(many=True))
    def get_evidence(self, customer: Customer) -> list[dict[str, Any]]:
        return list(EvidenceOut(customer_evidence(customer), many=True).data)


class CustomerMergeIn(serializers.Serializer[Any]):
    customer_id = IdentifierField(max_length=40, help_text="the customer that is absorbed")
    evidence = EvidenceField(required=False, default=dict, help_text="why: codes and ids, no content")


class CustomerSplitIn(serializers.Serializer[Any]):
    identity_ids = serializers.ListField(child=IdentifierField(max_length=40), min_length=1, max_length=100)
    evidence = EvidenceField(required=False, default=dict, help_text="why: codes and ids, no content")
