"""Groups of staff and what they may do in the console."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

CONSULTANTS = "consultants"

# Read what helps to answer; write only by answering. No settings, no trail, and above all no sign-in codes.
_CONSULTANTS_MAY = {
    "conversations": (
        *("view_escalation", "change_escalation", "view_conversation", "view_message", "view_query"),
        *("view_delivery", "view_customer", "view_identity", "view_interaction", "view_followup", "change_followup"),
    ),
    "knowledge": ("view_document",),
    "feedback": ("view_judgement", "change_judgement"),
}


@transaction.atomic
def groups_ensure() -> Group:
    """Make the group `consultants` where it is missing and return it. A group that exists keeps what an admin gave it.

    Call it after migrations: the permissions are rows that these create.
    """
    group, created = Group.objects.get_or_create(name=CONSULTANTS)
    if created:
        group.permissions.set(_permissions())
    return group


def _permissions() -> list[Permission]:
    wanted = Q()
    for app, codenames in _CONSULTANTS_MAY.items():
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
