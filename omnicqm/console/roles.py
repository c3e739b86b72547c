"""The roles of staff: groups, and what each may do. Code asks for permissions, never for the name of a group.

A release gives its permissions to a group once and remembers that it did (`RoleGrant`). A new release gives what is new
in it, and leaves alone what an admin has taken away or added.
"""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from omnicqm.console.models import RoleGrant

CONSULTANTS = "consultants"
TEAM_LEADS = "team_leads"
KNOWLEDGE_EDITORS = "knowledge_editors"
ANALYSTS = "analysts"
ADMINS = "admins"

May = Mapping[str, tuple[str, ...]]  # app: codenames; "*" is every permission of the app

_ALL = ("view", "add", "change", "delete")


def _each(verbs: Iterable[str], *models: str) -> tuple[str, ...]:
    return tuple(f"{verb}_{model}" for model in models for verb in verbs)


# Read what helps to answer; write only by answering. No settings, no trail, and above all no sign-in codes.
_CONSULTANT: May = {
    "conversations": (
        *("view_escalation", "change_escalation", "view_conversation", "view_message", "view_query"),
        *("view_delivery", "view_customer", "view_identity", "view_interaction", "view_followup", "change_followup"),
        *("view_macro", "view_guide", "view_guidestep", "add_guidetick", "view_guidetick"),
    ),
    "knowledge": ("view_document",),
    "feedback": (
        *("view_judgement", "change_judgement", "view_correction", "view_shadowcomparison"),
        *("view_knowledgegap", "view_articleproposal", "add_articleproposal"),
    ),
}
# A consultant who also looks after others: hands work out, keeps texts and guides, sees how the team does.
_TEAM_LEAD: May = {
    "conversations": (
        *_CONSULTANT["conversations"],
        *("assign_escalation", "change_customer", "view_insight"),
        *("view_team", "view_consultant", "change_consultant"),
        *_each(["view"], "workqueue", "businesshours", "servicetarget"),
        *_each(_ALL, "macro"),
        *_each(["view", "change"], "crmcase"),
    ),
    "knowledge": ("view_document",),
    "feedback": (*_CONSULTANT["feedback"], "view_rating"),
    "analytics": ("view_dashboards", "view_alert", "change_alert"),
    "agents": ("view_category",),
}
# What the machine and people answer from. Judgements and ratings show scores: their words need `view_conversation`.
_KNOWLEDGE_EDITOR: May = {
    "conversations": _each(_ALL, "macro", "guide", "guidestep"),
    "knowledge": _each(_ALL, "document"),
    "feedback": (
        *("view_judgement", "view_rating", "view_knowledgegap"),
        *_each(("view", "add", "change"), "articleproposal"),
    ),
    "agents": ("view_category",),
}
# Figures of everybody and nobody by name.
_ANALYST: May = {"analytics": ("view_dashboards",)}
# Everything that is set, and people. No superuser: they give no right that they do not have, see `admin.accounts`.
_ADMIN: May = {
    **dict.fromkeys(("knowledge", "agents", "conversations", "feedback", "analytics", "common", "console"), ("*",)),
    "oauth2_provider": _each(_ALL, "application"),
    "axes": ("view_accessattempt", "delete_accessattempt"),
    "auth": ("view_user", "add_user", "change_user", "view_group"),
}

ROLES: Mapping[str, May] = {
    CONSULTANTS: _CONSULTANT,
    TEAM_LEADS: _TEAM_LEAD,
    KNOWLEDGE_EDITORS: _KNOWLEDGE_EDITOR,
    ANALYSTS: _ANALYST,
    ADMINS: _ADMIN,
}


@transaction.atomic
def groups_ensure() -> Group:
    """Make the groups of all roles, give them what they were never given, and return that of the consultants.

    What an admin took from a group stays away, what an admin gave stays. Call it after migrations: the permissions are
    rows that these create.
    """
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    given = set(RoleGrant.objects.filter(group__in=groups.values()).values_list("group_id", "permission_id"))
    permissions = list(Permission.objects.filter(_any_of(ROLES.values())).select_related("content_type"))
    for name, group in groups.items():
        new = [row for row in permissions if _is_of(row, ROLES[name]) and (group.pk, row.pk) not in given]
        if new:
            group.permissions.add(*new)
            RoleGrant.objects.bulk_create(
                [RoleGrant(group=group, permission=row) for row in new], ignore_conflicts=True
            )
    return groups[CONSULTANTS]


def _any_of(roles: Iterable[May]) -> Q:
    wanted = Q()
    for may in roles:
        for app, names in may.items():
            of_app = Q(content_type__app_label=app)
            wanted |= of_app if "*" in names else of_app & Q(codename__in=names)
    return wanted


def _is_of(permission: Permission, may: May) -> bool:
    names = may.get(permission.content_type.app_label, ())
    return "*" in names or permission.codename in names
