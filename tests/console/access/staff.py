"""Somebody of every role, signed in."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from conversations.chat.session import browser_sign_in
from conversations.models import Conversation
from omnicqm.console.roles import ADMINS, ANALYSTS, CONSULTANTS, KNOWLEDGE_EDITORS, TEAM_LEADS, groups_ensure

_GROUPS = {
    "consultant": CONSULTANTS,
    "team_lead": TEAM_LEADS,
    "knowledge_editor": KNOWLEDGE_EDITORS,
    "analyst": ANALYSTS,
    "admin": ADMINS,
}


def user_make(role: str, *, name: str = "") -> User:
    """Staff of `role`: ``staff`` is in no group."""
    groups_ensure()
    user = User.objects.create_user(name or role, password="a long enough password", is_staff=True)
    if role == "superuser":
        User.objects.filter(pk=user.pk).update(is_superuser=True)
    if role in _GROUPS:
        user.groups.add(Group.objects.get(name=_GROUPS[role]))
    return User.objects.get(pk=user.pk)


def session_make(role: str, conversation: Conversation) -> str:
    """The key of a session of `role`; empty for nobody. The customer is that of `conversation`."""
    if role == "anonymous":
        return ""
    if role == "customer":
        session: Any = SessionStore()
        browser_sign_in(session, conversation.customer.identities.get())
        session.save()
        return session.session_key
    client = Client()
    client.force_login(user_make(role), backend="django.contrib.auth.backends.ModelBackend")
    return client.session.session_key
