"""A real Valkey for tests of what processes share; fixtures of `tests.conftest`."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from omnicqm.common.rates import connections
from omnicqm.processes.addresses import free_ports
from omnicqm.processes.children import child_stop
from omnicqm.processes.valkey import STOP_SIGNAL, Valkey


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    folder: Path = tmp_path_factory.mktemp("valkey")
    [port] = free_ports(1)
    server = Valkey(folder / "data", port, secrets.token_urlsafe(12))
    server.prepare()
    with (folder / "valkey.log").open("wb") as log:
        process = server.start(log)
    try:
        server.wait_ready(process)
        yield server
    finally:
        child_stop(process, by=STOP_SIGNAL, patience=5)


@pytest.fixture
def valkey(valkey_server: Valkey, settings: Any, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """An empty server that the product counts in."""
    settings.REDIS_URL = valkey_server.url
    monkeypatch.setattr(connections, "_away_until", 0.0)
    client = connections.client_get()
    client.flushall()
    return client


@pytest.fixture
async def valkey_async(valkey: redis.Redis) -> AsyncIterator[redis.Redis]:
    """The same for asynchronous tests: their connections end before their event loop does."""
    yield valkey
    await connections.loop_leave()
