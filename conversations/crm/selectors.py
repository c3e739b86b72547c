"""Reads about cases in the CRM."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from conversations.crm.noting import crm_is_on
from conversations.models import Conversation, CrmCase


def crm_case_link(conversation: Conversation) -> str | None:
    """Where people open the case of `conversation` in the CRM; None while it has none there, or no CRM is set up."""
    if not crm_is_on():
        return None
    url = CrmCase.objects.filter(conversation=conversation).exclude(url="").values_list("url", flat=True).first()
    return url or None


@dataclass(frozen=True)
class CrmState:
    """`pending` cases are not in the CRM as they stand, the first of them since `oldest`; `failed` ones wait for a
    person. `last_error` is why the one that was tried last is not there."""

    enabled: bool
    pending: int
    failed: int
    oldest: datetime | None
    last_error: str


def crm_state() -> CrmState:
    if not crm_is_on():
        return CrmState(enabled=False, pending=0, failed=0, oldest=None, last_error="")
    open_ones = CrmCase.objects.filter(state__in=[CrmCase.State.PENDING, CrmCase.State.FAILED])
    pending, failed = Q(state=CrmCase.State.PENDING), Q(state=CrmCase.State.FAILED)
    found = open_ones.aggregate(
        pending=Count("pk", filter=pending), failed=Count("pk", filter=failed), oldest=Min("due_at", filter=pending)
    )
    told = open_ones.exclude(last_error="").order_by("-due_at").values_list("last_error", flat=True).first()
    return CrmState(enabled=True, last_error=told or "", **found)
