"""The pages on which an admin lets systems in, changes their secrets and shows them out."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import Application

from omnicqm.common.models import AuditEvent, ClientGrant, ClientUse
from omnicqm.common.services import api_client_create
from tests.console.people import admin_make, consultant_make

pytestmark = pytest.mark.django_db

LIST = "admin:oauth2_provider_application_changelist"
ADD = "admin:oauth2_provider_application_add"


@pytest.fixture
def boss(client):
    client.force_login(admin_make())


@pytest.fixture
def shop(boss):
    return Application.objects.get(client_id=api_client_create(name="Shop").client_id)


def page_url(made, page="change"):
    return reverse(f"admin:oauth2_provider_application_{page}", args=[made.pk])


def secret_in(response):
    return re.search(r'data-testid="secret">(\w+)<', response.content.decode())[1]


def token_status(made, secret):
    login = {"client_id": made.client_id, "client_secret": secret, "grant_type": "client_credentials"}
    return Client().post("/oauth/token", login).status_code


def do(client, made, **form):
    return client.post(page_url(made, "access"), form, follow=True)


def test_a_new_client_shows_its_secret_once_and_works(client, boss):
    scopes = ["queries:write", "queries:read"]
    response = client.post(reverse(ADD), {"name": "Shop", "scopes": scopes, "requests_per_minute": "90"}, follow=True)
    made = Application.objects.get(name="Shop")
    secret = secret_in(response)
    assert token_status(made, secret) == 200
    assert secret not in client.get(page_url(made)).content.decode()
    assert (made.granted.scopes, made.granted.requests_per_minute) == (sorted(scopes), 90)
    assert AuditEvent.objects.filter(action="application.added", object_id=str(made.pk)).count() == 1


def test_name_scopes_and_rate_can_be_changed(client, shop):
    client.post(page_url(shop), {"name": "Web shop", "scopes": ["insights:read"], "requests_per_minute": ""})
    shop = Application.objects.select_related("granted").get()
    assert (shop.name, shop.granted.scopes, shop.granted.requests_per_minute) == ("Web shop", ["insights:read"], None)
    event = AuditEvent.objects.get(action="application.changed")
    assert event.details["fields"] == ["name", "scopes"]


@pytest.mark.parametrize("rate", ["0", "-1", "1000001", "many"])
def test_a_rate_that_makes_no_sense_is_refused_at_its_field(client, shop, rate):
    form = {"name": "Shop", "scopes": ["insights:read"], "requests_per_minute": rate}
    response = client.post(page_url(shop), form)
    assert response.context["adminform"].form.errors.keys() == {"requests_per_minute"}


def test_a_secret_is_changed_without_an_outage(client, boss):
    made = api_client_create(name="Shop")
    shop = Application.objects.get()
    new = secret_in(do(client, shop, do="rotate", overlap="open"))
    assert (token_status(shop, made.client_secret), token_status(shop, new)) == (200, 200)
    assert "the earlier one works until you end it" in client.get(page_url(shop)).content.decode()
    do(client, shop, do="end")
    assert (token_status(shop, made.client_secret), token_status(shop, new)) == (401, 200)


def test_a_revoked_client_stays_to_look_at(client, shop):
    do(client, shop, do="revoke")
    shown = client.get(page_url(shop)).content.decode()
    assert "none: revoked on" in shown
    assert "insights:read" in shown
    assert "revoked" in client.get(reverse(LIST)).content.decode()
    assert do(client, shop, do="rotate", overlap="day").status_code == 403
    assert client.post(page_url(shop), {"name": "x", "scopes": ["insights:read"]}).status_code == 403


def test_last_use_and_counts_are_shown(client, shop):
    assert "never" in client.get(page_url(shop)).content.decode()
    now = timezone.now()
    ClientGrant.objects.update(last_used_at=now - timedelta(minutes=5))
    for days, requests, refused in ((0, 7, 1), (2, 30, 0), (45, 1000, 0)):
        day = now.date() - timedelta(days=days)
        ClientUse.objects.create(application=shop, day=day, requests=requests, refused=refused)
    shown = client.get(page_url(shop)).content.decode().replace("\xa0", " ")
    assert "5 minutes ago" in shown
    assert "7 today, 38 in 30 days, of which 1 beyond its rate" in shown
    assert "5 minutes ago" in client.get(reverse(LIST)).content.decode().replace("\xa0", " ")


def test_a_client_can_be_deleted(client, shop):
    client.post(page_url(shop, "delete"), {"post": "yes"})
    assert not Application.objects.exists()


def test_only_admins_change_clients(client, shop):
    client.force_login(consultant_make())
    assert client.get(page_url(shop, "access")).status_code in (302, 403)
    do(client, shop, do="revoke")
    assert ClientGrant.objects.get().revoked_at is None
