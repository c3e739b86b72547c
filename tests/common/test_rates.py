"""How often a client may ask, counted together by all processes in a real Valkey."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async
from django.http import HttpRequest, JsonResponse
from django.test import AsyncClient, Client
from django.urls import path

from omnicqm import urls as product
from omnicqm.common.api.authentication import client_admit
from omnicqm.common.api.problems import problem_response
from omnicqm.common.models import ClientGrant, ClientUse
from omnicqm.common.rates import connections, rate_take, rate_take_async
from omnicqm.common.selectors.clients import UseCounts, client_use_counts
from omnicqm.common.services.use import client_use_store
from tests.api import ApiClient, problem_of

SEARCH = "/api/v1/customers?identity=email:a@b.example"
UNKNOWN = "/api/v1/queries/qry_01k8z3c9v7e2m4n6p8r0t2w4y6"


async def later(request: HttpRequest) -> JsonResponse:
    """An asynchronous view, as the one that waits for models."""
    try:
        token = await client_admit(request, scopes=["insights:read"])
    except Exception as error:
        return problem_response(error) or JsonResponse({}, status=500)
    return JsonResponse({"client": token.client_id})


urlpatterns = [*product.urlpatterns, path("api/later", later)]


def calls_of(valkey: Any) -> int:
    return int(valkey.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


class TestBuckets:
    def test_a_bucket_gives_what_it_holds_at_once_and_then_says_how_long_to_wait(self, valkey: Any) -> None:
        taken = [rate_take(key="a", limit=3) for _ in range(4)]
        assert [rate.allowed for rate in taken] == [True, True, True, False]
        assert [int(rate.left) for rate in taken] == [2, 1, 0, 0]
        assert 19 <= taken[-1].retry_after <= 20, "three a minute: one every twenty seconds"
        assert rate_take(key="b", limit=3).allowed, "another bucket is another's"

    def test_it_fills_evenly_and_not_beyond_its_size(self, valkey: Any) -> None:
        for _ in range(60):
            rate_take(key="a", limit=60)
        valkey.hincrby("omnicqm:rate:a", "at", -10_000)  # ten seconds pass
        assert 9 <= rate_take(key="a", limit=60).left < 10
        valkey.hincrby("omnicqm:rate:a", "at", -3_600_000)
        assert rate_take(key="a", limit=60).left == 59

    def test_a_clock_that_goes_back_takes_nothing_away(self, valkey: Any) -> None:
        rate_take(key="a", limit=60)
        valkey.hincrby("omnicqm:rate:a", "at", 3_600_000)
        assert rate_take(key="a", limit=60).left == 58

    def test_many_at_once_get_no_more_than_there_is(self, valkey: Any) -> None:
        with ThreadPoolExecutor(8) as threads:
            taken = list(threads.map(lambda _: rate_take(key="a", limit=20).allowed, range(60)))
        assert sum(taken) == 20

    async def test_asynchronous_code_takes_from_the_same_bucket(self, valkey_async: Any) -> None:
        taken = await asyncio.gather(*(rate_take_async(key="a", limit=20) for _ in range(60)))
        assert sum(rate.allowed for rate in taken) == 20
        assert not rate_take(key="a", limit=20).allowed

    async def test_those_who_come_together_share_a_round_trip_and_each_is_told_its_own(self, valkey_async: Any) -> None:
        before = calls_of(valkey_async)
        taken = await asyncio.gather(*(rate_take_async(key="a", limit=20, user="crm") for _ in range(30)))
        assert calls_of(valkey_async) - before <= 2
        assert [rate.allowed for rate in taken] == [True] * 20 + [False] * 10
        assert [int(rate.left) for rate in taken] == [*reversed(range(20)), *[0] * 10]
        counted = valkey_async.hgetall("omnicqm:use")
        assert sorted(int(count) for name, count in counted.items() if not str(name).endswith("/at")) == [10, 20]

    async def test_who_leaves_takes_nobody_along(self, valkey_async: Any) -> None:
        first, second = (asyncio.create_task(rate_take_async(key="a", limit=20)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).allowed
        assert first.cancelled()
        assert (await rate_take_async(key="a", limit=20)).left < 19

    def test_one_answer_costs_one_round_trip_and_nothing_stays_behind(self, valkey: Any) -> None:
        rate_take(key="a", limit=20)
        before = valkey.info("commandstats")
        rate_take(key="a", limit=20, user="crm")
        after = valkey.info("commandstats")
        assert after["cmdstat_evalsha"]["calls"] - before["cmdstat_evalsha"]["calls"] == 1
        assert 0 < valkey.pttl("omnicqm:rate:a") <= 60_000

    def test_without_valkey_all_are_let_through_and_nobody_waits_for_long(
        self, valkey: Any, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert [rate_take(key="a", limit=1) for _ in range(5)] == [None] * 5
        told = [record for record in caplog.records if "rates_not_counted" in str(record.msg)]
        assert len(told) == 1, "one line, and no further attempt for a while"


async def test_connections_the_server_has_closed_are_opened_again_without_missing_one(valkey_async: Any) -> None:
    assert rate_take(key="a", limit=5)
    assert await rate_take_async(key="a", limit=5)
    with redis.Redis(connection_pool=redis.ConnectionPool(**valkey_async.connection_pool.connection_kwargs)) as admin:
        admin.client_kill_filter(_type="normal", skipme=True)
        admin.connection_pool.disconnect()
    left = [rate_take(key="a", limit=5).left, (await rate_take_async(key="a", limit=5)).left]
    assert [int(count) for count in left] == [2, 1]


def test_when_valkey_is_back_it_counts_again(valkey: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    assert rate_take(key="a", limit=1) is None
    settings.REDIS_URL = there
    assert rate_take(key="a", limit=1) is None, "not asked again at once"
    monkeypatch.setattr(connections, "_away_until", 0.0)  # the moment passes
    assert rate_take(key="a", limit=1).allowed


@pytest.mark.django_db
class TestClients:
    def limited(self, requests_per_minute: int | None) -> ApiClient:
        caller = ApiClient()
        ClientGrant.objects.update(requests_per_minute=requests_per_minute)
        return caller

    def test_every_answer_tells_what_is_left(self, valkey: Any, settings: Any) -> None:
        settings.API_REQUESTS_PER_MINUTE = 60
        caller = self.limited(None)
        for answer in (caller.get(SEARCH), caller.post("/api/v1/query", {}), caller.get(UNKNOWN)):
            assert answer["RateLimit-Limit"] == "60"
            assert answer["RateLimit-Policy"] == "60;w=60"
        assert (answer["RateLimit-Remaining"], answer["RateLimit-Reset"]) == ("57", "3")

    def test_beyond_it_a_client_is_told_when_to_come_back(self, valkey: Any) -> None:
        caller = self.limited(2)
        assert [caller.get(SEARCH).status_code for _ in range(2)] == [200, 200]
        refused = caller.get(SEARCH)
        assert problem_of(refused)["code"] == "rate_limited"
        assert refused.status_code == 429
        assert refused["Retry-After"] == "30"
        assert refused["RateLimit-Remaining"] == "0"
        assert ApiClient().get(SEARCH).status_code == 200, "others are not held up"

    def test_a_refused_scope_counts_too(self, valkey: Any) -> None:
        caller = ApiClient(["queries:read"])
        ClientGrant.objects.update(requests_per_minute=1)
        assert [caller.get(SEARCH).status_code for _ in range(2)] == [403, 429]

    def test_a_call_that_waits_for_its_result_counts_once(self, valkey: Any) -> None:
        caller = self.limited(5)
        mail = {"channel_id": "api", "user_id": "a@b.example", "message": "hello"}
        answer = caller.post("/api/v1/query", mail, Prefer="wait=1")
        assert answer["RateLimit-Remaining"] == "4"

    def test_secrets_are_not_guessed_forever(self, valkey: Any, settings: Any) -> None:
        settings.TOKEN_REQUESTS_PER_MINUTE = {"client": 2, "address": 5}
        http = Client()

        def ask(client_id: str) -> Any:
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "x"}
            return http.post("/oauth/token", form)

        assert [ask("crm").status_code for _ in range(3)] == [401, 401, 429]
        assert [ask(f"other{n}").status_code for n in range(4)] == [401, 401, 401, 429]
        refused = ask("crm")
        assert problem_of(refused)["error"] == "rate_limited"
        assert int(refused["Retry-After"]) > 0


@pytest.mark.django_db
class TestUse:
    def test_requests_are_counted_without_a_write_and_stored_once_a_minute(
        self, valkey: Any, django_assert_num_queries: Any
    ) -> None:
        caller = ApiClient(["queries:read"])
        ClientGrant.objects.update(requests_per_minute=3)
        with django_assert_num_queries(1):
            [caller.get(SEARCH) for _ in range(5)]
        assert client_use_store() == 1
        row = ClientUse.objects.get()
        assert (row.requests, row.refused) == (3, 2)
        assert row.application.granted.last_used_at.date() == row.day
        caller.get(SEARCH)
        client_use_store()
        assert client_use_counts(row.application) == UseCounts(today=3, requests=3, refused=3)
        assert client_use_store() == 0

    def test_what_a_killed_worker_left_behind_is_stored_the_next_time(self, valkey: Any) -> None:
        caller = ApiClient()
        caller.get(SEARCH)
        valkey.rename("omnicqm:use", "omnicqm:use:storing")
        caller.get(SEARCH)
        client_use_store()
        client_use_store()
        assert ClientUse.objects.get().requests == 2

    def test_a_client_that_was_deleted_meanwhile_stops_nothing(self, valkey: Any) -> None:
        caller = ApiClient()
        caller.get(SEARCH)
        ClientGrant.objects.get().application.delete()
        client_use_store()
        assert not ClientUse.objects.exists()

    def test_without_valkey_nothing_breaks(self, settings: Any, db: None) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert client_use_store() == 0


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
class TestAsynchronousViews:
    async def ask(self, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await AsyncClient().get("/api/later", headers=headers)

    async def test_they_admit_as_the_others_do(self, valkey_async: Any) -> None:
        caller = await database_sync_to_async(_caller)(["insights:read"], 2)
        answer = await self.ask(caller.token)
        assert answer.json() == {"client": caller.client_id}
        assert answer["RateLimit-Remaining"] == "1"
        assert [(await self.ask(caller.token)).status_code for _ in range(2)] == [200, 429]

    async def test_they_refuse_as_the_others_do(self, valkey_async: Any) -> None:
        caller = await database_sync_to_async(_caller)(["queries:read"], 10)
        refusals = [await self.ask(), await self.ask("wrong"), await self.ask(caller.token)]
        assert [problem_of(answer)["status"] for answer in refusals] == [401, 401, 403]
        assert [answer["WWW-Authenticate"].partition(" ")[0] for answer in refusals] == ["Bearer"] * 3


def _caller(scopes: list[str], requests_per_minute: int) -> ApiClient:
    caller = ApiClient(scopes)
    ClientGrant.objects.update(requests_per_minute=requests_per_minute)
    return caller
