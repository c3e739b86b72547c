"""API clients as a company runs them: secrets that are changed without an outage, and rights that are taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from omnicqm.common import tokens
from omnicqm.common.errors import Conflict
from omnicqm.common.models import AuditEvent, ClientGrant
from omnicqm.common.services import (
    ApiClient,
    api_client_change,
    api_client_create,
    api_client_revoke,
    api_client_rotate,
    api_client_secret_end,
)
from tests.api import ApiClient as Caller
from tests.api import problem_of

pytestmark = pytest.mark.django_db

SEARCH = "/api/v1/customers?identity=email:a@b.example"
DAY = timedelta(days=1)
BOSS = "user:1"


def token_ask(client: ApiClient) -> str | None:
    """A token for the credentials; None when they are refused."""
    login = {"client_id": client.client_id, "client_secret": client.client_secret}
    answer = Client().post("/oauth/token", {"grant_type": "client_credentials", **login})
    if answer.status_code == 200:
        return answer.json()["access_token"]
    assert problem_of(answer)["error"] == "invalid_client"
    return None


def status(token: str | None) -> int:
    return Client().get(SEARCH, headers={"Authorization": f"Bearer {token}"}).status_code


def rotate(client: ApiClient, overlap: timedelta | None) -> ApiClient:
    return api_client_rotate(client_id=client.client_id, overlap=overlap, actor=BOSS)


class TestRotation:
    def test_both_secrets_work_until_the_overlap_has_passed(self) -> None:
        old = api_client_create(name="CRM")
        token = token_ask(old)
        new = rotate(old, DAY)
        assert new.client_secret != old.client_secret
        assert token_ask(old)
        assert status(token_ask(new)) == status(token) == 200
        ClientGrant.objects.update(earlier_until=timezone.now() - timedelta(seconds=1))
        assert token_ask(old) is None
        assert token_ask(new)

    def test_without_an_end_both_work_until_an_admin_ends_the_old_one(self, django_capture_on_commit_callbacks) -> None:
        old = api_client_create(name="CRM")
        new = rotate(old, None)
        token = token_ask(old)
        assert status(token) == 200
        with django_capture_on_commit_callbacks(execute=True):
            api_client_secret_end(client_id=old.client_id, actor=BOSS)
        assert token_ask(old) is None
        assert status(token) == 401, "a token of the old secret is out at once"
        assert status(token_ask(new)) == 200

    def test_a_secret_that_leaked_ends_at_once_with_its_tokens(self, django_capture_on_commit_callbacks) -> None:
        old = api_client_create(name="CRM")
        token = token_ask(old)
        assert status(token) == 200
        with django_capture_on_commit_callbacks(execute=True):
            new = rotate(old, timedelta(0))
        assert (token_ask(old), status(token)) == (None, 401)
        assert token_ask(new)

    def test_only_one_earlier_secret_is_ever_valid(self) -> None:
        first = api_client_create(name="CRM")
        second = rotate(first, DAY)
        third = rotate(second, DAY)
        assert token_ask(first) is None
        assert token_ask(second)
        assert token_ask(third)

    def test_no_secret_is_kept_in_clear(self) -> None:
        old = api_client_create(name="CRM")
        new = rotate(old, DAY)
        grant = ClientGrant.objects.select_related("application").get()
        kept = grant.earlier_secret + grant.application.client_secret
        assert old.client_secret not in kept
        assert new.client_secret not in kept


class TestRights:
    def test_a_revoked_client_is_out_at_once_and_for_good(self, django_capture_on_commit_callbacks) -> None:
        client = api_client_create(name="CRM")
        rotated = rotate(client, DAY)
        token = token_ask(rotated)
        assert status(token) == 200
        with django_capture_on_commit_callbacks(execute=True):
            api_client_revoke(client_id=client.client_id, actor=BOSS)
        assert status(token) == 401
        assert (token_ask(client), token_ask(rotated)) == (None, None)
        with pytest.raises(Conflict, match="revoked"):
            rotate(client, DAY)

    def test_a_scope_that_is_taken_back_leaves_tokens_that_are_out(self, django_capture_on_commit_callbacks) -> None:
        caller = Caller(["customers:read", "queries:read"])
        assert caller.get(SEARCH).status_code == 200
        change = {"name": "CRM", "scopes": ["queries:read"], "requests_per_minute": None, "actor": BOSS}
        with django_capture_on_commit_callbacks(execute=True):
            api_client_change(client_id=caller.client_id, **change)
        assert problem_of(caller.get(SEARCH))["code"] == "insufficient_scope"

    def test_every_step_is_in_the_trail_without_a_secret(self) -> None:
        client = api_client_create(name="CRM", actor=BOSS)
        change = {"name": "CRM", "scopes": ["queries:read"], "requests_per_minute": 30, "actor": BOSS}
        api_client_change(client_id=client.client_id, **change)
        new = rotate(client, DAY)
        api_client_secret_end(client_id=client.client_id, actor=BOSS)
        api_client_revoke(client_id=client.client_id, actor=BOSS)
        events = list(AuditEvent.objects.order_by("at"))
        assert [event.action.removeprefix("application.") for event in events] == [
            "added",
            "changed",
            "secret_rotated",
            "secret_ended",
            "revoked",
        ]
        assert {event.actor for event in events} == {BOSS}
        assert events[1].details == {"fields": ["scopes", "requests_per_minute"], "scopes": ["queries:read"]}
        assert new.client_secret not in str([event.details for event in events])


class TestReading:
    def test_a_token_is_read_once_a_second_however_often_it_comes(
        self, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller, now = Caller(["queries:read"]), 1000.0
        monkeypatch.setattr(tokens.time, "monotonic", lambda: now)
        with django_assert_num_queries(1):
            assert {caller.get(SEARCH).status_code for _ in range(5)} == {403}
        now += tokens.TRUST_SECONDS
        with django_assert_num_queries(1):
            caller.get(SEARCH)

    def test_what_another_process_revoked_is_out_within_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        caller, now = Caller(), 1000.0
        monkeypatch.setattr(tokens.time, "monotonic", lambda: now)
        assert caller.get(SEARCH).status_code == 200
        ClientGrant.objects.update(revoked_at=timezone.now())  # nobody tells this process
        now += tokens.TRUST_SECONDS
        assert caller.get(SEARCH).status_code == 401

    def test_a_token_expires_although_it_was_just_read(self) -> None:
        caller = Caller()
        assert caller.get(SEARCH).status_code == 200
        token, read_at = next(iter(tokens._kept.values()))
        late = tokens.ClientToken(token.client_id, token.scopes, None, timezone.now() - timedelta(seconds=1))
        tokens._kept.update(dict.fromkeys(tokens._kept, (late, read_at)))
        assert caller.get(SEARCH).status_code == 401
