"""The roles of staff: what a release gives to their groups, and what it leaves to admins."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from omnicqm.console.models import RoleGrant
from omnicqm.console.roles import ADMINS, CONSULTANTS, KNOWLEDGE_EDITORS, ROLES, TEAM_LEADS, groups_ensure
from tests.console.people import admin_make

pytestmark = pytest.mark.django_db


def permission(name):
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def staff_make(role):
    groups_ensure()
    user = User.objects.create_user("ida", password="a long enough password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_every_role_is_a_group_with_permissions():
    groups_ensure()
    assert {group.name for group in Group.objects.all()} == set(ROLES)
    assert all(group.permissions.exists() for group in Group.objects.all())


def test_a_second_call_changes_nothing(django_assert_max_num_queries):
    groups_ensure()
    before = set(Group.permissions.through.objects.values_list("group", "permission"))
    with django_assert_max_num_queries(10):
        groups_ensure()
    assert set(Group.permissions.through.objects.values_list("group", "permission")) == before


def test_what_an_admin_took_away_stays_away_and_what_they_gave_stays():
    consultants = groups_ensure()
    consultants.permissions.remove(permission("conversations.view_interaction"))
    consultants.permissions.add(permission("agents.view_run"))
    groups_ensure()
    held = set(consultants.permissions.values_list("codename", flat=True))
    assert "view_interaction" not in held
    assert "view_run" in held


def test_what_is_new_in_a_release_reaches_groups_that_exist():
    consultants = groups_ensure()
    new = permission("conversations.view_followup")
    consultants.permissions.remove(new)
    RoleGrant.objects.filter(group=consultants, permission=new).delete()  # as before the release that brought it
    groups_ensure()
    assert consultants.permissions.filter(pk=new.pk).exists()


def test_a_knowledge_editor_edits_articles_and_reads_no_customer():
    editor = staff_make(KNOWLEDGE_EDITORS)
    assert editor.has_perm("knowledge.change_document")
    assert not editor.has_perm("conversations.view_customer")


def test_a_team_lead_may_what_a_consultant_may():
    groups_ensure()
    held = {name: set(Group.objects.get(name=name).permissions.values_list("pk", flat=True)) for name in ROLES}
    assert held[CONSULTANTS] < held[TEAM_LEADS] < held[ADMINS]


def test_an_admin_who_is_no_superuser_cannot_make_one(client):
    admin = staff_make(ADMINS)
    client.force_login(admin)
    form = {"username": "ida", "is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": ["1"]}
    form |= {"groups": [str(group.pk) for group in admin.groups.all()]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    client.post(reverse("admin:auth_user_change", args=[admin.pk]), form)
    admin.refresh_from_db()
    assert not admin.is_superuser
    assert not admin.user_permissions.exists()


def test_an_admin_cannot_change_a_superuser_nor_their_password(client):
    boss = admin_make()
    client.force_login(staff_make(ADMINS))
    form = {"username": "mine", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert client.post(reverse("admin:auth_user_change", args=[boss.pk]), form).status_code == 403
    new = {"password1": "another long password", "password2": "another long password"}
    assert client.post(reverse("admin:auth_user_password_change", args=[boss.pk]), new).status_code == 403
    boss.refresh_from_db()
    assert boss.username == "boss"
    assert boss.check_password("a long enough password")


def test_an_admin_gives_roles_but_makes_none(client):
    admin = staff_make(ADMINS)
    assert admin.has_perm("auth.change_user")
    assert not admin.has_perm("auth.change_group")
