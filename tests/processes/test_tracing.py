"""Tracing in a whole installation: written by the side worker, and without effect on replies while MLflow hangs."""

import json
import socket
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from omnicqm.processes.addresses import addresses_read
from tests.running import RunningSystem, running

pytestmark = pytest.mark.process

FIRST_TRACE_SECONDS = 180  # MLflow's database is made first


def post(url: str, data: bytes, **headers: str) -> dict:
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=40) as response:
        return json.load(response)


def ask(system: RunningSystem, message: str) -> dict:
    """The answer to a customer's mail, waited for."""
    kept = system.credentials
    fields = {name: kept[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    token = post(f"{system.base_url}/oauth/token", urllib.parse.urlencode(fields).encode())["access_token"]
    body = {"channel_id": "outlook", "user_id": "jonas.weber@example.net", "message": message}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "wait=20"}
    return post(f"{system.base_url}/api/v1/query", json.dumps(body).encode(), **headers)


def database_of(system: RunningSystem, name: str) -> psycopg.Connection:
    addresses = addresses_read(system.home)
    assert addresses
    return psycopg.connect(f"{addresses.database_url.rpartition('/')[0]}/{name}", autocommit=True)


def states(system: RunningSystem) -> dict[str, int]:
    with database_of(system, "omnicqm") as database:
        return dict(database.execute("SELECT state, count(*) FROM agents_runtrace GROUP BY state").fetchall())


def test_a_reply_is_traced_in_a_database_of_its_own_within_a_minute(running_system: RunningSystem) -> None:
    before = states(running_system).get("exported", 0)
    assert ask(running_system, "How long do I have to return an unused item?")["status"] == "answered"
    until = time.monotonic() + FIRST_TRACE_SECONDS
    while states(running_system).get("exported", 0) <= before or states(running_system).get("pending"):
        assert time.monotonic() < until, running_system.log("side")
        time.sleep(1)
    with database_of(running_system, "omnicqm_mlflow") as database:
        [traces] = database.execute("SELECT count(*) FROM trace_info").fetchone() or [0]
        [prompts] = database.execute("SELECT count(*) FROM registered_models").fetchone() or [0]
    assert traces == states(running_system)["exported"]
    assert prompts >= 8


def test_only_the_side_worker_loads_mlflow(running_system: RunningSystem) -> None:
    for name in ("web-1", "web-2", "worker", "beat"):
        files = [mapped.path for mapped in psutil.Process(running_system.children[name]).memory_maps()]
        assert not [file for file in files if "pandas" in file or "sqlalchemy" in file], name


@pytest.fixture
def hanging_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening.getsockname()[1]


def test_while_mlflow_hangs_replies_go_on_and_the_doctor_says_so(tmp_path: Path, hanging_port: int) -> None:
    with running(tmp_path / "var", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{hanging_port}") as system:
        for message in ("How long do I have to return an unused item?", "What does room delivery cost?"):
            assert ask(system, message)["status"] == "answered"
        assert states(system)["pending"] >= 2
        until = time.monotonic() + 90
        while "does not answer" not in (told := system.manage("doctor").stdout):
            assert time.monotonic() < until, told + system.log("side")
            time.sleep(3)
        assert "ok       Side worker" in told
        assert "ok       Worker" in told
