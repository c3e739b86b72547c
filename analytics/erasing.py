"""What facts say of somebody who has had their data deleted. They hold no text, but for what other systems and people
called a reason: of a contact, and of a rating."""

from analytics.facts.services import facts_hold, insights_write
from analytics.facts.values import values_forget
from analytics.models import InsightFact
from conversations.erasure.scope import ErasureScope

_REASONS = ("ivr_intent", "rating_reason")


def facts_erase(scope: ErasureScope) -> None:
    """Write the facts of their insights again, whose rows are empty by now, and forget reasons nobody else has. Call
    inside a transaction."""
    facts_hold()  # before any row of theirs, as a refresh does: neither waits for the other half-way
    told = InsightFact.objects.filter(insight_id__in=scope.insights)
    insights_write(list(told.values_list("pk", flat=True)))
    values_forget(*_REASONS)  # also those that were changed before
