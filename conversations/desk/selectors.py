"""Reads of what helps consultants: guides, macros, what they have at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from conversations.models import Escalation, Guide, GuideTick, HeldReply, Macro


def guide_for(escalation: Escalation, *, category: str) -> Guide | None:
    """The guide to work on it by: the version that somebody has begun to tick off, else the category's current one."""
    begun = GuideTick.objects.filter(escalation=escalation).order_by("-at")
    guide_id = begun.values_list("step__guide", flat=True).first()
    chosen = {"pk": guide_id} if guide_id else {"category": category, "is_current": True}
    return Guide.objects.filter(**chosen).prefetch_related("steps").first()


def guide_ticks(escalation: Escalation) -> dict[str, GuideTick]:
    """What was ticked off, by the id of the step."""
    ticks = GuideTick.objects.filter(escalation=escalation).select_related("user")
    return {tick.step_id: tick for tick in ticks}


@dataclass(frozen=True)
class WorkAtHand:
    """`open` is what a consultant hands over who leaves, put aside or not; of these `held` have a reply that is about
    to go out. `waiting` is what waits for the customer."""

    open: int
    held: int
    waiting: int


def work_at_hand(user: AbstractBaseUser) -> WorkAtHand:
    """What is theirs now."""
    assigned = Q(state=Escalation.State.ASSIGNED)
    found = Escalation.objects.filter(assignee=user.pk, state__in=Escalation.ACTIVE).aggregate(
        open=Count("pk", filter=assigned),
        held=Count("pk", filter=assigned & Q(held_reply__state=HeldReply.State.HELD)),
        waiting=Count("pk", filter=Q(state=Escalation.State.WAITING)),
    )
    return WorkAtHand(**found)


def macros_for(category: str) -> QuerySet[Macro]:
    """All that are in use, those of the category first, then those for every one."""
    order = Case(
        *(When(category=name, then=Value(place)) for place, name in enumerate(_first(category))),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Macro.objects.filter(is_active=True).order_by(order, "title")


def _first(category: str) -> Sequence[str]:
    return (category, "") if category else ("",)
