"""Reads of comparisons in the shadow."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from feedback.models import ShadowComparison

WORST = 10


@dataclass(frozen=True)
class ShadowCount:
    """The comparisons of one category: how many, in how many both agree, in how many the agent would have replied."""

    category: str
    n: int
    agrees: int
    would_send: int
    would_send_agrees: int


def shadow_counts() -> dict[str, ShadowCount]:
    """By category."""
    rows = ShadowComparison.objects.values("category").annotate(
        n=Count("pk"),
        agree=Count("pk", filter=Q(agrees=True)),
        send=Count("pk", filter=Q(would="auto_send")),
        send_agree=Count("pk", filter=Q(would="auto_send", agrees=True)),
    )
    return {
        row["category"]: ShadowCount(row["category"], row["n"], row["agree"], row["send"], row["send_agree"])
        for row in rows
    }


def shadow_worst(category: str) -> QuerySet[ShadowComparison]:
    """Where both differ most: what would have been sent first, then by likeness of meaning."""
    rows = ShadowComparison.objects.filter(category=category)
    related = rows.select_related("run", "message__consultant", "message__conversation")
    return related.order_by("agrees", "meaning")[:WORST]
