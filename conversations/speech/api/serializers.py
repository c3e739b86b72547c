"""What the call takes and gives."""

from typing import Any

from rest_framework import serializers

from conversations.speech.audio.kinds import FORMATS
from omnicqm.common.api.fields import SentFileField


class TranscriptionIn(serializers.Serializer[Any]):
    audio = SentFileField(help_text=f"one recording of at most 60 seconds and 16 MB: {FORMATS}")
    language = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        required=False,
        allow_blank=True,
        max_length=20,
        help_text="what is spoken, e.g. en-US; default: what this installation listens for",
    )


class WordOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    start = serializers.FloatField(help_text="seconds from the beginning")
    end = serializers.FloatField()


class SpanOut(serializers.Serializer[Any]):
    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField(help_text="the character after the last one")


class TranscriptionOut(serializers.Serializer[Any]):
    """What was heard. It is kept for a day, or with the message it is sent with."""

    transcription_id = serializers.CharField(help_text="to send the text on with: see POST /api/v1/query")
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True, min_value=0, max_value=1, help_text="the mean of the words'")
    words = WordOut(many=True)
    doubtful = SpanOut(many=True, help_text="where words stand in the text that were not heard surely")
    language = serializers.CharField()
    duration_s = serializers.FloatField()
    model_used = serializers.CharField()
