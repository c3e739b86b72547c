from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from oauth2_provider.models import Application

pytestmark = pytest.mark.django_db


def test_the_command_prints_credentials_that_work(client):
    out = StringIO()
    call_command("api_client_create", "--name", "Outlook flow", "--scope", "queries:write", stdout=out)
    printed = dict(line.split() for line in out.getvalue().splitlines())
    token = client.post("/oauth/token", {"grant_type": "client_credentials", **printed}).json()
    assert token["scope"] == "queries:write"


def test_an_unknown_scope_is_named():
    with pytest.raises(CommandError, match="no scope 'everything'"):
        call_command("api_client_create", "--name", "x", "--scope", "everything", stdout=StringIO())
    assert not Application.objects.exists()
