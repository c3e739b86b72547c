"""An installation that was made before the API learnt more."""

from importlib import import_module

import pytest
from django.apps import apps

from omnicqm.common.models import ClientGrant
from omnicqm.common.services import api_client_create

MIGRATION = import_module("omnicqm.common.migrations.0004_demo_scopes")

pytestmark = pytest.mark.django_db


def test_the_demos_client_gets_the_new_scopes_and_other_clients_do_not():
    for name in ("Demo", "CRM"):
        api_client_create(name=name, scopes=MIGRATION.EARLIER)
    MIGRATION.demo_client_keep_up(apps, None)
    granted = {str(grant.application): set(grant.scopes) for grant in ClientGrant.objects.all()}
    assert granted == {"Demo": MIGRATION.EARLIER | MIGRATION.NEW, "CRM": MIGRATION.EARLIER}
