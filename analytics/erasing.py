"""What facts say of somebody who has had their data deleted. They hold no text, but for what another system called the
reason of a contact."""

from django.db.models import Exists, OuterRef

from analytics.facts.services import insights_write
from analytics.models import DimensionValue, InsightFact
from conversations.erasure.scope import ErasureScope

_REASON = "ivr_intent"


def facts_erase(scope: ErasureScope) -> None:
    """Write the facts of their insights again, whose rows are empty by now, and forget reasons nobody else had. Call
    inside a transaction."""
    told = InsightFact.objects.filter(insight_id__in=scope.insights)
    reasons = set(told.exclude(ivr_intent="").values_list(_REASON, flat=True))
    insights_write(list(told.values_list("pk", flat=True)))
    elsewhere = InsightFact.objects.filter(ivr_intent=OuterRef("value"))
    DimensionValue.objects.filter(~Exists(elsewhere), dimension=_REASON, value__in=reasons).delete()
