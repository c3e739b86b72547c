"""What has served its time is forgotten, and nothing else."""

from datetime import timedelta

import pytest
from celery import current_app
from django.contrib.sessions.models import Session
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from omnicqm.common.models import IdempotencyRecord
from tests.api import ApiClient

pytestmark = pytest.mark.django_db


def test_old_keys_expired_tokens_and_sessions_go_and_live_ones_stay() -> None:
    now = timezone.now()
    live, expired = ApiClient(), ApiClient(expired=True)
    for key, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
        IdempotencyRecord.objects.create(client="a", key=key, fingerprint="", created_at=now - age)
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=24) - age)
    current_app.tasks["common.records_purge"].delay()
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["new"]
    assert [session.pk for session in Session.objects.all()] == ["new"]
    tokens = get_access_token_model().objects.filter(application__client_id__in=[live.client_id, expired.client_id])
    assert [token.application.client_id for token in tokens] == [live.client_id]
