"""The page of the switch, and the banner that every page shows while it is on."""

import pytest
from django.urls import reverse

from conversations.models import PeopleOnly
from conversations.services.people_only import people_only_start
from tests.console.people import admin_make, consultant_make
from tests.conversations.people import channel_get

pytestmark = pytest.mark.django_db

PAGE = "/admin/people-only/"


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


def shown(client, url):
    return " ".join(client.get(url).content.decode().split())


def test_an_admin_silences_the_assistant_and_lets_it_speak_again(client, boss):
    channel_get("outlook")
    assert "The assistant answers what it may." in shown(client, PAGE)
    client.post(PAGE, {"do": "start", "reason": "Wrong prices"})
    row = PeopleOnly.objects.get()
    assert (row.channel, row.by, row.reason) == (None, boss, "Wrong prices")
    assert "Reason: Wrong prices" in shown(client, PAGE)
    client.post(PAGE, {"do": "end"})
    assert not PeopleOnly.objects.exists()


def test_one_channel_is_switched_by_its_button(client, boss):
    channel = channel_get("outlook")
    client.post(PAGE, {"do": "start", "channel": channel.pk})
    assert PeopleOnly.objects.get().channel == channel
    client.post(PAGE, {"do": "end", "channel": channel.pk})
    assert not PeopleOnly.objects.exists()


def test_a_channel_that_does_not_exist_switches_nothing(client, boss):
    answer = client.post(PAGE, {"do": "start", "channel": "nowhere"}, follow=True)
    assert "Nothing was switched" in answer.content.decode()
    assert not PeopleOnly.objects.exists()


@pytest.mark.parametrize("url", ["/admin/", "/admin/queue/", "/analytics/volume/"])
def test_every_page_says_so_while_it_is_on(client, boss, url):
    assert 'data-testid="people-only"' not in shown(client, url)
    people_only_start(channel=channel_get("outlook"), user=boss, reason="Wrong <prices>")
    page = shown(client, url)
    assert 'data-testid="people-only"' in page
    assert "Outlook e-mail (Wrong &lt;prices&gt;)" in page


def test_a_consultant_reads_the_banner_and_switches_nothing(client):
    people_only_start(channel=None, user=admin_make())
    client.force_login(consultant_make())
    page = shown(client, reverse("admin:index"))
    assert "People only:" in page
    assert PAGE not in page
    assert client.get(PAGE).status_code == client.post(PAGE, {"do": "end"}).status_code == 403
    assert PeopleOnly.objects.exists()
