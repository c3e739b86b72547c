"""The pages on which an admin lets the chat onto the company's own pages."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations.models import WidgetKey
from conversations.widget.claims import claims_read
from conversations.widget.errors import IdentityRefused
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make
from tests.conversations.people import channel_get
from tests.conversations.widget.shop import claims_make, key_make, sign

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:conversations_widgetkey_changelist"), reverse("admin:conversations_widgetkey_add")


@pytest.fixture
def boss(client):
    channel_get("chat")
    client.force_login(admin_make())


@pytest.fixture
def shop(boss):
    return key_make()


def form(**changes):
    values = {
        "name": "Shop",
        "enabled": "on",
        "channel": "chat",
        "allowed_origins": "https://www.shop.example",
        "title": "Help",
        "greeting": "",
        "colour": "#112233",
        "position": "end",
        "language": "en",
        "frames_per_minute": "100",
        "messages_per_minute": "50",
    }
    return values | changes


def page_url(key, page="change"):
    return reverse(f"admin:conversations_widgetkey_{page}", args=[key.pk])


def secret_in(response):
    return re.search(r'data-testid="secret">([\w-]+)<', response.content.decode())[1]


def signs(key, secret):
    key.refresh_from_db()
    try:
        claims_read(sign(claims_make(key), secret), audience=key.public_key, secrets=key.secrets)
    except IdentityRefused:
        return False
    return True


def test_a_new_key_shows_its_snippet_and_its_secret_once(client, boss, settings):
    response = client.post(ADD, form(), follow=True)
    key, secret = WidgetKey.objects.get(), secret_in(response)
    assert f"{settings.OMNICQM_BASE_URL}/widget/v1.js" in response.content.decode()
    assert key.public_key in response.content.decode()
    assert signs(key, secret)
    assert secret not in key.sealed_secret
    for page in (page_url(key), page_url(key, "embed"), LIST):
        assert secret not in client.get(page).content.decode()
    assert AuditEvent.objects.filter(action="widgetkey.added", object_id=key.pk).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("allowed_origins", "https://www.shop.example/", "Leave away what follows"),
        ("allowed_origins", "http://www.shop.example", "Only https"),
        ("allowed_origins", "https://*.shop.example", "Name every origin"),
        ("allowed_origins", "https://a.example\nshop", "https://www.example.com"),
        ("colour", "red", "#rrggbb"),
        ("colour", "#12345g", "#rrggbb"),
        ("channel", "outlook", "choice"),
    ],
)
def test_what_could_not_work_is_refused_at_its_field(client, boss, field, value, remedy):
    response = client.post(ADD, form(**{field: value}))
    assert response.status_code == 200
    assert remedy in " ".join(response.context["errors"][0])
    assert not WidgetKey.objects.exists()


def test_origins_are_kept_once_and_one_a_line(client, boss):
    client.post(ADD, form(allowed_origins=" https://a.example  https://b.example\r\nhttps://a.example"))
    assert WidgetKey.objects.get().allowed_origins == "https://a.example\nhttps://b.example"


def test_a_change_keeps_key_and_secret_and_is_in_the_trail(client, shop):
    key, secret = shop
    client.post(page_url(key), form(enabled=""))
    assert signs(key, secret)
    assert not key.enabled
    assert "Enabled" in AuditEvent.objects.get(action="widgetkey.changed").details["fields"]


def test_a_new_secret_with_an_overlap_and_its_end(client, shop):
    key, first = shop
    second = secret_in(client.post(page_url(key, "embed"), {"do": "rotate", "overlap": "hour"}, follow=True))
    assert signs(key, first)
    assert signs(key, second)
    WidgetKey.objects.update(earlier_until=timezone.now() - timedelta(seconds=1))
    assert not signs(key, first)
    third = secret_in(client.post(page_url(key, "embed"), {"do": "rotate", "overlap": "open"}, follow=True))
    assert (signs(key, first), signs(key, second), signs(key, third)) == (False, True, True)
    client.post(page_url(key, "embed"), {"do": "end"})
    assert (signs(key, second), signs(key, third)) == (False, True)
    fourth = secret_in(client.post(page_url(key, "embed"), {"do": "rotate", "overlap": "none"}, follow=True))
    assert (signs(key, third), signs(key, fourth)) == (False, True)


def test_consultants_see_nothing_of_it(client, shop):
    client.force_login(consultant_make())
    for page in (LIST, ADD, page_url(shop[0]), page_url(shop[0], "embed")):
        assert client.get(page).status_code in (302, 403)
