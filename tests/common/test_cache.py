"""The cache on a real Valkey: what its threads share, and counting."""

import threading
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from redis.exceptions import RedisError

from agents.routing.breaker import Breaker, BreakerRules, Permit
from agents.routing.clock import Clock
from agents.routing.shared import SharedMemory
from omnicqm.common.cache import ValkeyCache, kept
from omnicqm.processes.addresses import free_ports
from omnicqm.processes.children import child_stop
from omnicqm.processes.valkey import STOP_SIGNAL, Valkey


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Valkey]:
    folder = tmp_path_factory.mktemp("valkey")
    valkey = Valkey(folder / "data", free_ports(1)[0], "only-for-tests")
    valkey.prepare()
    with (folder / "log").open("wb") as log:
        process = valkey.start(log)
    valkey.wait_ready(process)
    yield valkey
    child_stop(process, by=STOP_SIGNAL, patience=5)


@pytest.fixture
def cache(server) -> Iterator[ValkeyCache]:
    cache = ValkeyCache(server.url, {"OPTIONS": {"socket_timeout": 5}})
    yield cache
    cache.clear()


def test_threads_share_connections(cache, server, settings):
    settings.CACHES = {"default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": server.url}}
    clients = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: clients.append(caches["default"]._cache.get_client()))
        thread.start()
        thread.join()
    assert len({id(client) for client in clients}) == 1


def test_it_counts_and_reads_counts_in_one_go(cache):
    assert cache.count(["calls"], timeout=60) == (1,)
    assert cache.count(["calls", "failures"], read=["calls", "nothing"], timeout=60) == (2, 1, 2, 0)
    assert 0 < cache._cache.get_client().ttl(cache.make_key("calls")) <= 60


def test_a_breaker_is_open_for_all_who_share_it(cache):
    one, other = (Breaker("primary", BreakerRules(), clock=Clock(), memory=SharedMemory(cache=cache)) for _ in range(2))
    one.answered(Permit())
    for breaker in (one, other, one):
        breaker.failed(Permit())
    assert (one.permit(), other.permit(), other.state) == (None, None, "open")


def test_work_is_saved_and_done_anew_while_the_server_is_away(cache, settings, caplog):
    settings.CACHES = {"default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": cache._servers[0]}}
    done: list[int] = []
    make = lambda: done.append(1) or len(done)  # noqa: E731
    assert [kept("work", 60, make), kept("work", 60, make)] == [1, 1]
    [port] = free_ports(1)
    settings.CACHES = {
        "default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": f"redis://127.0.0.1:{port}/0"}
    }
    assert [kept("work", 60, make), kept("work", 60, make)] == [2, 3]
    assert caplog.text.count("cache_away") == 2, "asked once each time: writing would wait in vain as well"


def test_an_unreachable_server_is_an_error_of_redis():
    [port] = free_ports(1)
    with pytest.raises(RedisError):
        ValkeyCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": {"socket_timeout": 1}}).get("anything")
