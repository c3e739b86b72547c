"""What the calls take and answer."""

import math
from typing import Any

from rest_framework import serializers

from knowledge.models import Audience, VersionState
from knowledge.selectors import MAX_LIMIT, RELEVANCE_FLOOR
from omnicqm.common.api.fields import SentFileField
from omnicqm.common.text import line_clean

MAX_QUERY = 2000


class LineField(serializers.CharField):
    """A text on one line, cleaned like every text at a door instead of refused."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(line_clean(data) if isinstance(data, str) else data)


class UploadRequest(serializers.Serializer):
    file = SentFileField(
        allow_empty_file=True,
        help_text="PDF, Word (docx), HTML, Markdown, text, CSV; JSONL with {id, title, text, internal?} a line.",
    )
    title = LineField(required=False, allow_blank=True, max_length=300, help_text="Default: the file's own title.")
    external_id = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Your id of the document; default: the file's name. Sent again with another file: a new version.",
    )
    internal = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="For consultants only, never shown to a customer. Default: as before, false for a new document.",
    )


class UploadAccepted(serializers.Serializer):
    document_id = serializers.CharField(allow_null=True, help_text="null when the file holds several documents")
    document_ids = serializers.ListField(child=serializers.CharField(), help_text="in the order of the file")
    job_url = serializers.URLField(help_text="Ask here until `state` is ready or failed.")


class VersionAnswer(serializers.Serializer):
    version_id = serializers.CharField()
    version = serializers.IntegerField()
    current = serializers.BooleanField(help_text="the version that search finds")
    state = serializers.ChoiceField(choices=VersionState.choices)
    error = serializers.CharField(allow_null=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    sha256 = serializers.CharField()
    chunks = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class DocumentAnswer(serializers.Serializer):
    document_id = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    internal = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, as the metaclass takes it
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=VersionState.choices, help_text="of the latest version")
    error = serializers.CharField(allow_null=True, help_text="why the latest version failed")
    versions = VersionAnswer(many=True, help_text="the latest first")


class UploadedDocument(serializers.Serializer):
    document_id = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    error = serializers.CharField(allow_null=True)


class UploadAnswer(serializers.Serializer):
    upload_id = serializers.CharField()
    state = serializers.ChoiceField(choices=VersionState.choices, help_text="ready or failed when nothing is pending")
    total = serializers.IntegerField(help_text="documents in the file")
    unchanged = serializers.IntegerField(help_text="known already, word for word")
    documents = UploadedDocument(many=True, help_text="those that are new or changed")


class SearchRequest(serializers.Serializer):
    q = LineField(max_length=MAX_QUERY, help_text="The question.")
    k = serializers.IntegerField(required=False, default=5, min_value=1, max_value=MAX_LIMIT, help_text="How many.")
    audience = serializers.ChoiceField(
        choices=Audience.choices,
        required=False,
        default=Audience.CUSTOMER,
        help_text="`internal` also finds what customers must not see.",
    )
    min_relevance = serializers.FloatField(
        required=False,
        default=RELEVANCE_FLOOR,
        min_value=0,
        max_value=1,
        help_text="Leave out what is less likely about the question. 0 shows everything that was found.",
    )

    def validate_min_relevance(self, value: float) -> float:
        if math.isnan(value):  # it is neither below the minimum nor above the maximum
            raise serializers.ValidationError("A valid number is required.")
        return value


class PassageAnswer(serializers.Serializer):
    document_id = serializers.CharField()
    external_id = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    version = serializers.IntegerField()
    version_id = serializers.CharField()
    chunk_id = serializers.CharField()
    heading = serializers.CharField(help_text="path of headings, joined with ›")
    text = serializers.CharField()
    score = serializers.FloatField(help_text="orders the passages of this search, 0 to 1")
    relevance = serializers.FloatField(help_text="how likely it is about the question at all, 0 to 1")
    internal = serializers.BooleanField()
