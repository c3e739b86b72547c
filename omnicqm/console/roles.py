"""Groups of staff and what they may do in the console."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

CONSULTANTS = "consultants"
ANALYSTS = "analysts"

# Read what helps to answer; write only by answering. No settings, no trail, and above all no sign-in codes.
_CONSULTANTS_MAY = {
    "conversations": (
        *("view_escalation", "change_escalation", "view_conversation", "view_message", "view_query"),
        *("view_delivery", "view_customer", "view_identity", "view_interaction", "view_followup", "change_followup"),
    ),
    "knowledge": ("view_document",),
    "feedback": ("view_judgement", "change_judgement"),
}
# Figures of everybody and nobody by name.
_ANALYSTS_MAY = {"analytics": ("view_dashboards",)}


@transaction.atomic
def groups_ensure() -> Group:
    """Make the groups `consultants` and `analysts` where they are missing, and return the first. A group that exists
    keeps what an admin gave it.

    Call it after migrations: the permissions are rows that these create.
    """
    _group_ensure(ANALYSTS, _ANALYSTS_MAY)
    return _group_ensure(CONSULTANTS, _CONSULTANTS_MAY)


def _group_ensure(name: str, may: Mapping[str, Iterable[str]]) -> Group:
    group, created = Group.objects.get_or_create(name=name)
    if created:
        group.permissions.set(_permissions(may))
    return group


def _permissions(may: Mapping[str, Iterable[str]]) -> list[Permission]:
    wanted = Q()
    for app, codenames in may.items():
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
