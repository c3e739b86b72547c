"""What facts say of somebody who has had their data deleted. They hold no text, but for what other systems and people
called a reason: of a contact, and of a rating."""

from django.db.models import Exists, OuterRef

from analytics.facts.services import insights_write
from analytics.models import DimensionValue, InsightFact
from conversations.erasure.scope import ErasureScope

_REASONS = ("ivr_intent", "rating_reason")


def facts_erase(scope: ErasureScope) -> None:
    """Write the facts of their insights again, whose rows are empty by now, and forget reasons nobody else had. Call
    inside a transaction."""
    told = InsightFact.objects.filter(insight_id__in=scope.insights)
    reasons = {name: set(told.exclude(**{name: ""}).values_list(name, flat=True)) for name in _REASONS}
    insights_write(list(told.values_list("pk", flat=True)))
    for name, values in reasons.items():
        elsewhere = InsightFact.objects.filter(**{name: OuterRef("value")})
        DimensionValue.objects.filter(~Exists(elsewhere), dimension=name, value__in=values).delete()
