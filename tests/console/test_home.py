"""The first page: what needs a person now."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations.models import Delivery, Escalation, Query
from tests.console.people import admin_make, consultant_make, escalation_make

pytestmark = pytest.mark.django_db


def tiles(client):
    context = client.get(reverse("admin:index")).context
    return {tile.title: tile for tile in context["tiles"]}


def values(client):
    return {title: tile.value for title, tile in tiles(client).items()}


def test_on_a_quiet_day_nothing_waits(client):
    client.force_login(admin_make())
    assert set(values(client).values()) == {0}
    assert "Enjoy the quiet" in client.get(reverse("admin:index")).content.decode()


def test_tiles_count_and_open_what_they_count(client):
    boss = admin_make()
    client.force_login(boss)
    late, mine, _ = (escalation_make(f"p{number}@example.org") for number in range(3))
    Escalation.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(minutes=5))
    Escalation.objects.filter(pk=mine.pk).update(state="assigned", assignee=boss)
    Query.objects.filter(pk=late.query_id).update(status="received", finished_at=None)
    Delivery.objects.create(kind="mail", event="query.answered", query=mine.query, target="x", state="unknown")

    found = values(client)
    assert found["Open escalations"] == 3
    assert found["Overdue"] == 1
    assert found["Mine"] == 1
    assert found["Pending queries"] == 1
    assert found["Failed deliveries"] == 1
    assert found["Documents not ready"] == 0
    for title, tile in tiles(client).items():
        if title != "Documents not ready":
            assert client.get(tile.url).context["cl"].queryset.count() == found[title], title


def test_the_most_urgent_is_next(client):
    client.force_login(consultant_make())
    relaxed, urgent = (escalation_make(f"p{number}@example.org") for number in range(2))
    Escalation.objects.filter(pk=urgent.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    Escalation.objects.filter(pk=relaxed.pk).update(due_at=timezone.now() + timedelta(days=1))
    context = client.get(reverse("admin:index")).context
    assert [escalation.pk for escalation in context["next_up"]] == [urgent.pk, relaxed.pk]


def test_it_says_when_more_wait_than_it_lists(client, monkeypatch):
    monkeypatch.setattr("omnicqm.console.home.NEXT_UP", 2)
    client.force_login(consultant_make())
    for number in range(2):
        escalation_make(f"p{number}@example.org")
    assert "All 2 open escalations" not in client.get(reverse("admin:index")).content.decode()
    escalation_make("p3@example.org")
    assert "All 3 open escalations" in client.get(reverse("admin:index")).content.decode()


def test_it_says_how_many_were_answered_without_a_person(client):
    client.force_login(admin_make())
    escalation_make()
    shown = " ".join(client.get(reverse("admin:index")).content.decode().split())
    assert "2 customer messages in the last 24 hours, 50% of the finished ones answered without a person." in shown


def test_who_may_see_nothing_gets_an_empty_page(client):
    user = consultant_make()
    user.groups.clear()
    client.force_login(user)
    assert values(client) == {}
    assert "next_up" not in client.get(reverse("admin:index")).context


def test_the_page_costs_few_queries(client, django_assert_max_num_queries):
    client.force_login(admin_make())
    for number in range(10):
        escalation_make(f"p{number}@example.org")
    with django_assert_max_num_queries(14):
        client.get(reverse("admin:index"))


def test_who_signs_in_without_a_way_on_comes_to_the_console(client, django_user_model):
    django_user_model.objects.create_superuser("root", password="a long passphrase")
    response = client.post("/admin/login/", {"username": "root", "password": "a long passphrase"})
    assert (response.status_code, response.url) == (302, "/admin/")
