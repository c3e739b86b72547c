"""What people see who come to an address that is not there, or not theirs."""

import pytest
from django.urls import reverse

from tests.console.people import consultant_make

pytestmark = pytest.mark.django_db


def test_an_address_that_is_not_there_leads_to_the_chat(client):
    response = client.get("/nope")
    assert response.status_code == 404
    shown = response.content.decode()
    assert "There is no such page" in shown
    assert f'href="{reverse("chat:chat")}"' in shown


def test_a_page_of_the_console_that_is_not_theirs_leads_consultants_back_to_it(client):
    client.force_login(consultant_make())
    response = client.get(reverse("admin:conversations_channel_changelist"))
    assert response.status_code == 403
    shown = response.content.decode()
    assert "You may not see this page" in shown
    assert f'href="{reverse("admin:index")}"' in shown
