"""What ``POST /api/v1/analytics/ask`` takes and gives."""

from typing import Any

from rest_framework import serializers

from analytics.analyst.dialogues import MAX_NAME_CHARS
from analytics.querying import Compare, Grain
from omnicqm.common.api.fields import IdentifierField, RawTextField, StrictSerializer

MAX_CHARS = 2000


class AskIn(StrictSerializer):
    """A question in plain words."""

    question = RawTextField(
        max_length=MAX_CHARS, allow_blank=True, help_text="in English, at most 500 characters are read"
    )
    conversation = IdentifierField(
        max_length=MAX_NAME_CHARS,
        required=False,
        help_text="a name of your own, or the one of the answer before: questions under the same name follow on each "
        "other for an hour",
    )


class ColumnOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text="time, dimension, value, compare, change or n")
    unit = serializers.CharField(
        help_text="count, number, share, seconds, milliseconds, usd, tokens, score or empty; of a change share (0.2 is "
        "a fifth more), or points (5 is from 0.80 to 0.85) where values are shares or scores"
    )


class TableOut(serializers.Serializer[Any]):
    columns = ColumnOut(many=True)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()))


class PeriodOut(serializers.Serializer[Any]):
    """Local days, both included."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), "to": serializers.DateField()}


class FilterOut(serializers.Serializer[Any]):
    dimension = serializers.CharField()
    op = serializers.CharField(help_text="in or not_in")
    values = serializers.ListField(child=serializers.CharField(allow_blank=True))


class SpecOut(serializers.Serializer[Any]):
    """The question as it was understood."""

    metric = serializers.CharField()
    dimensions = serializers.ListField(child=serializers.CharField())
    grain = serializers.CharField(allow_null=True, help_text=", ".join(Grain))
    period = PeriodOut()
    compare = serializers.CharField(allow_null=True, help_text=", ".join(Compare))
    filters = FilterOut(many=True)
    top = serializers.IntegerField(allow_null=True, help_text="below 0: as many of the smallest")
    text = serializers.CharField(allow_blank=True)


class DefinitionOut(serializers.Serializer[Any]):
    """What a metric or a dimension means; the last three are of metrics."""

    name = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    formula = serializers.CharField(required=False, help_text="what is computed over the rows, in SQL")
    grain = serializers.CharField(required=False, help_text="what a row is")
    freshness = serializers.CharField(required=False, help_text="how old the figures are at most")


class AskOut(serializers.Serializer[Any]):
    """The answer. Without a table none of the question was answered: `answer` says why, `suggestions` what would be."""

    answer = serializers.CharField()
    table = TableOut(allow_null=True)
    chart = serializers.DictField(allow_null=True, help_text="a Vega-Lite specification with its data")
    query = SpecOut(allow_null=True)
    definitions = DefinitionOut(many=True)
    notes = serializers.ListField(child=serializers.CharField(), help_text="what must be known to read the figures")
    as_of = serializers.DateTimeField(allow_null=True, help_text="how new the figures are")
    suggestions = serializers.ListField(child=serializers.CharField())
    conversation = serializers.CharField(help_text="to go on with")
