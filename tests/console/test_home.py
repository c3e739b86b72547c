"""The first page: what needs a person now, how the week goes, whether the machine keeps up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from conversations.models import Delivery, Query
from feedback.models import KnowledgeGap
from omnicqm.common.errors import ServiceUnavailable
from omnicqm.console.home.examining import system_examine
from omnicqm.console.home.page import greeting
from omnicqm.console.home.system import KEY
from omnicqm.console.roles import ANALYSTS, KNOWLEDGE_EDITORS
from tests.analytics.dashboards.facts import month_seed
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.console.queue.cases import case_make, cases_bulk

pytestmark = pytest.mark.django_db


def home(client):
    response = client.get(reverse("admin:index"))
    assert response.status_code == 200
    return response.context


def values(client):
    context = home(client)
    return {tile.title: tile.value for tile in [*context["tiles"], *context["other_tiles"]]}


def member_of(group, username="ana"):
    user = consultant_make(username)
    user.groups.set([Group.objects.get(name=group)])
    return user


# --- What waits ------------------------------------------------------------------------------------------------------


def test_on_a_quiet_day_nothing_waits(client):
    client.force_login(admin_make())
    assert set(values(client).values()) == {0}
    shown = client.get(reverse("admin:index")).content.decode()
    assert "Enjoy the quiet" in shown
    assert "You have no open cases. Nothing is overdue." in shown


def test_tiles_count_and_open_what_they_count(client):
    robin = consultant_make()
    client.force_login(robin)
    case_make("late", minutes=-5)
    case_make("soon", minutes=30)
    case_make("later", minutes=300)
    case_make("mine", minutes=-10, state="assigned", assignee=robin)
    tiles = {tile.title: tile for tile in home(client)["tiles"]}
    assert {title: tile.value for title, tile in tiles.items()} == {
        "Overdue": 2,
        "Due within the hour": 1,
        "Unassigned": 3,
        "Mine": 1,
        "Waiting": 0,
    }
    for title, tile in tiles.items():
        assert len(client.get(tile.url).context["page"].rows) == tile.value, title


def test_it_tells_the_own_open_cases_and_whether_something_is_late(client):
    robin = consultant_make()
    client.force_login(robin)
    case_make("a", minutes=-5, state="assigned", assignee=robin)
    assert home(client)["told"] == "You have 1 open case. 1 in the queue is overdue."
    assert "Robin" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(
    ("hour", "words"),
    [(5, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (18, "Good evening"), (3, "Good evening")],
)
def test_the_greeting_is_by_the_hour(hour, words):
    assert greeting(hour) == words


def test_next_up_is_the_most_urgent_of_nobody(client):
    client.force_login(consultant_make())
    relaxed, urgent = case_make("a", minutes=600), case_make("b", minutes=1)
    case_make("theirs", minutes=0, state="assigned", assignee=admin_make())
    context = home(client)
    assert [row.id for row in context["next_up"]] == [urgent.pk, relaxed.pk]
    assert reverse("queue:next") in client.get(reverse("admin:index")).content.decode()


def test_it_says_when_more_wait_than_it_lists(client, monkeypatch):
    monkeypatch.setattr("omnicqm.console.home.page.NEXT_UP", 2)
    client.force_login(consultant_make())
    cases_bulk(2)
    assert "unassigned</a>" not in client.get(reverse("admin:index")).content.decode()
    case_make("more")
    assert "all 3 unassigned" in client.get(reverse("admin:index")).content.decode()


def test_what_the_machine_left_lying_is_told(client):
    client.force_login(admin_make())
    case = escalation_make()
    Query.objects.filter(pk=case.query_id).update(status="received", finished_at=None)
    Delivery.objects.create(kind="mail", event="query.answered", query=case.query, target="x", state="unknown")
    found = values(client)
    assert (found["Pending queries"], found["Failed deliveries"], found["Documents not ready"]) == (1, 1, 0)
    for tile in home(client)["other_tiles"]:
        assert client.get(tile.url).status_code == 200


# --- How the week goes -----------------------------------------------------------------------------------------------


def test_four_lines_tell_the_week_each_with_words(client):
    month_seed()
    client.force_login(consultant_make())
    trends = {trend.title: trend for trend in home(client)["trends"]}
    assert list(trends) == ["Messages", "Solved without a person (α)", "Escalations", "First answer, median"]
    volume = trends["Messages"]
    assert len(volume.line.split()) == 7
    assert volume.words.startswith(f"Messages: {volume.text} in the last 7 days")
    assert volume.words.count("day ") >= 7, "each day is named"
    shown = client.get(reverse("admin:index")).content.decode()
    assert shown.count('<svg viewBox="0 0 120 32"') == len([trend for trend in trends.values() if trend.line])


def test_without_figures_the_week_says_so(client):
    client.force_login(consultant_make())
    trends = home(client)["trends"]
    assert [trend.title for trend in trends if trend.line and trend.text == "–"] == []
    assert "not enough data" in client.get(reverse("admin:index")).content.decode()


def test_figures_that_cannot_be_read_take_nothing_else_along(client, monkeypatch):
    def fails(_):
        raise ServiceUnavailable("away")

    monkeypatch.setattr("omnicqm.console.home.trends.specs_run", fails)
    client.force_login(consultant_make())
    assert "figures cannot be read" in client.get(reverse("admin:index")).content.decode()


# --- Whether the machine keeps up ------------------------------------------------------------------------------------


def parts(client):
    return {part.title: (part.tone, part.word) for part in home(client)["system"]}


def test_before_the_first_look_it_says_so(client):
    client.force_login(consultant_make())
    assert parts(client)["Worker"] == ("unknown", "Not seen yet")
    assert parts(client)["Knowledge"] == ("ok", "OK")


def test_what_was_found_is_told_in_a_word_and_in_full_when_it_is_bad(client):
    client.force_login(consultant_make())
    found = [["Worker", "ok", "worker@here"], ["Scheduler", "failed", "0 answer; exactly one must run"]]
    cache.set(KEY, {"at": timezone.now().isoformat(), "found": found}, 60)
    assert parts(client)["Worker"] == ("ok", "OK")
    assert parts(client)["Scheduler"] == ("bad", "Failed")
    assert "0 answer; exactly one must run" in client.get(reverse("admin:index")).content.decode()


def test_silence_is_told_too(client):
    client.force_login(consultant_make())
    cache.set(KEY, {"at": (timezone.now() - timedelta(minutes=10)).isoformat(), "found": []}, 60)
    assert parts(client)["Processes"] == ("bad", "Silent")


def test_the_look_itself_names_every_part_and_survives_what_it_finds(client, settings):
    """Here are neither broker nor workers: all of that is found, and nothing is raised."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    system_examine()
    client.force_login(consultant_make())
    found = parts(client)
    assert found["Worker"] == ("unknown", "Not examined")
    assert found["Model"] == ("ok", "OK")


# --- Who sees what ---------------------------------------------------------------------------------------------------


def test_analysts_see_figures_and_no_cases(client):
    consultant_make()
    client.force_login(member_of(ANALYSTS))
    context = home(client)
    assert (context["tiles"], "next_up" in context) == ([], False)
    assert context["trends"]
    assert reverse("dashboards:page", args=["volume"]) in client.get(reverse("admin:index")).content.decode()


def test_knowledge_editors_see_documents_and_gaps(client):
    consultant_make()
    client.force_login(member_of(KNOWLEDGE_EDITORS))
    now = timezone.now()
    for state, closed_at in (("open", None), ("closed", now)):
        gap = {"question": "Do you deliver to islands?", "embedding": [0.1] * 384, "embedding_model": "x"}
        KnowledgeGap.objects.create(state=state, closed_at=closed_at, **gap)
    assert values(client) == {"Documents not ready": 0, "Open knowledge gaps": 1}
    for tile in home(client)["other_tiles"]:
        assert client.get(tile.url).status_code == 200


def test_who_sees_documents_only_is_told_about_those(client):
    user = consultant_make()
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(user)
    assert values(client) == {"Documents not ready": 0}
    assert "trends" not in home(client)


def test_who_may_see_nothing_is_welcomed_and_told_whom_to_ask(client):
    user = consultant_make()
    user.groups.clear()
    client.force_login(user)
    assert values(client) == {}
    assert "ask an admin" in client.get(reverse("admin:index")).content.decode()


def test_the_page_costs_few_queries(client, django_assert_max_num_queries):
    client.force_login(admin_make())
    cases_bulk(10)
    home(client)  # figures are kept for a minute
    with django_assert_max_num_queries(25):
        home(client)


def test_who_signs_in_without_a_way_on_comes_to_the_console(client, django_user_model):
    django_user_model.objects.create_superuser("root", password="a long passphrase")
    response = client.post("/admin/login/", {"username": "root", "password": "a long passphrase"})
    assert (response.status_code, response.url) == (302, "/admin/")
