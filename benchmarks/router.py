"""How long callers are held by a model that hangs, and what is left of the calls they gave up.

    python benchmarks/router.py [--callers 200] [--seconds 5] [--rounds 3]

Needs no account: a simulator of Bedrock, in a process of its own, takes every call of the primary and says nothing; the
secondary answers after 0.3 s. Loop and tools are left out: a caller opens the model of a run and asks it one question.
Router, provider, boto3, ledger (PostgreSQL) and breaker (Valkey) are the product's, in one process with the product's
settings.

Held: from the moment a caller asked until it was let go, by its own clock, beyond the seconds the primary may take and
the 0.3 s of the secondary, for those that waited for them. Measured

- bare: callers that only sleep as long: how late this machine wakes a thread; it is in all other figures;
- alone: no other model is left to ask, so the end of the primary's time is the end of the call;
- cold: the product's route; nobody knows yet that the primary hangs, all wait for it and fall back; left_primary is the
  part of it until the router left the primary, by the ledger;
- warm: the same again; the breaker is open;
- abandoned: a thousand calls given up after 0.3 s; how many threads and connections are left a second later.

Callers arrive evenly over the seconds that each may be held, so that as many wait together; with --burst all at once.
Each is measured in several rounds, whose callers are counted together: of 200 the p99 would be the second worst.
The exit code is 1 when p99 of alone, cold or warm is above 150 ms, or a thread is left.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from omnicqm.common.startup import loaded_keep
from omnicqm.processes.addresses import free_ports
from omnicqm.processes.children import child_stop
from omnicqm.processes.valkey import STOP_SIGNAL, Valkey
from tests.simulators.fixtures import aws_environment
from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
TARGET_MS = 150
SECONDARY_SECONDS = 0.3
ABANDONED, ABANDONED_AT_ONCE, ABANDONED_SECONDS = 1_000, 50, 0.3
PRIMARY, SECONDARY = "eu.amazon.nova-2-lite-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
SIMULATOR = f"""
import sys, time
from tests.simulators.bedrock import Hang, LatencyProfile, Reply, simulator_running
with simulator_running(int(sys.argv[1]), reply_default=lambda call: Reply("We open at nine.")) as simulator:
    simulator.always("{PRIMARY}", Hang())
    simulator.latency("{SECONDARY}", LatencyProfile(first_byte={SECONDARY_SECONDS}))
    print("ready", flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Call:
    """One caller: milliseconds until it was let go, the seconds of them it was to wait for the primary, by how many
    milliseconds the router waited longer, and who answered (empty: nobody)."""

    milliseconds: float
    granted: float
    answered_by: str
    overrun: float = 0.0

    @property
    def held(self) -> float:
        """Milliseconds beyond what was granted and what the secondary takes to answer."""
        answering = SECONDARY_SECONDS if self.answered_by == "secondary" else 0.0
        return self.milliseconds - (self.granted + answering) * 1000


# --- What is needed around it ----------------------------------------------------------------------------------------
@contextmanager
def surroundings() -> Iterator[None]:
    """Database, broker and simulator as programs of their own, and Django set up with the product's settings."""
    with ExitStack() as held, tempfile.TemporaryDirectory() as folder:
        database = Throwaway(ROOT)
        held.callback(database.stop)
        valkey_port, simulator_port = free_ports(2)
        valkey = Valkey(Path(folder) / "valkey", valkey_port, "only-for-benchmarks")
        held.enter_context(_valkey_running(valkey))
        held.enter_context(_simulator_running(simulator_port))
        os.environ |= aws_environment(f"http://127.0.0.1:{simulator_port}")
        os.environ |= {
            "DATABASE_URL": database.url,
            "REDIS_URL": valkey.url,
            "OMNICQM_HOME": database.home,
            "OMNICQM_MODEL": "bedrock",
            "SECRET_KEY": "only-for-benchmarks-and-long-enough-for-the-checks-of-settings",
            "DJANGO_SETTINGS_MODULE": "omnicqm.settings",
        }
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        connection.close()
        logging.disable(logging.WARNING)  # a line for every call that was passed over or failed, as it should
        yield


@contextmanager
def _valkey_running(valkey: Valkey) -> Iterator[None]:
    valkey.prepare()
    with (valkey.data / "log").open("wb") as log:
        server = valkey.start(log)
    try:
        valkey.wait_ready(server)
        yield
    finally:
        child_stop(server, by=STOP_SIGNAL, patience=5)


@contextmanager
def _simulator_running(port: int) -> Iterator[None]:
    command = [sys.executable, "-c", SIMULATOR, str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as simulator:
        assert simulator.stdout
        if not simulator.stdout.readline():
            raise SystemExit("The simulator did not start; its complaint is above.")
        try:
            yield
        finally:
            simulator.terminate()


# --- Measuring -------------------------------------------------------------------------------------------------------
def ask(seconds: float) -> Call:
    """Open the model of a run and ask it once; every model may take `seconds`."""
    from agents.errors import ModelError
    from agents.providers.base import ModelMessage, ModelRequest, Purpose, Text
    from agents.routing import model_open
    from omnicqm.common.models import Attempt

    run_id, deadline = f"run_{time.monotonic_ns()}", time.monotonic() + 20
    started = time.perf_counter()
    model = model_open(scope="bench", run_id=run_id, deadline=deadline)
    messages = (ModelMessage("user", (Text("When do you open?"),)),)
    try:
        answered_by = model.converse(ModelRequest(Purpose.GATHER, "You answer.", messages, deadline)).provider
    except ModelError:
        answered_by = ""
    took = (time.perf_counter() - started) * 1000
    waited = Attempt.objects.filter(run_id=run_id, provider="primary", outcome="timeout").first()
    if waited is None:
        return Call(took, 0.0, answered_by)
    return Call(took, seconds, answered_by, waited.latency_ms - seconds * 1000)


def sleep_only(seconds: float) -> Call:
    started = time.perf_counter()
    time.sleep(seconds)
    return Call((time.perf_counter() - started) * 1000, seconds, "")


def callers_run(
    count: int, seconds: float, *, burst: bool, caller: Callable[[float], Call] | None = None
) -> list[Call]:
    """`count` callers, one after the other within `seconds`, or all at once."""
    from django.db import connection

    begin = time.monotonic() + 1.0

    def call(number: int) -> Call:
        time.sleep(max(begin + (0 if burst else seconds * number / count) - time.monotonic(), 0))
        try:
            return (caller or ask)(seconds)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


@dataclass
class Rounds:
    """The callers of all rounds of one measurement, and the seconds of processor time these took."""

    name: str
    calls: list[Call] = field(default_factory=list)
    cpu: float = 0.0

    def add(self, run: Callable[[], list[Call]]) -> None:
        before = time.process_time()
        self.calls += run()
        self.cpu += time.process_time() - before


def summary(rounds: Rounds) -> dict[str, Any]:
    calls = rounds.calls
    held = sorted(call.held for call in calls)
    ends = Counter(call.answered_by or "nobody" for call in calls)
    waited = [call.overrun for call in calls if call.granted]
    return {
        "name": rounds.name,
        "callers": len(calls),
        "held_p50_ms": round(statistics.median(held)),
        "held_p99_ms": round(statistics.quantiles(held, n=100)[-1]),
        "held_most_ms": round(held[-1]),
        "cpu_ms_a_call": round(rounds.cpu * 1000 / len(calls), 1),
        "waited_for_primary": f"{len(waited) / len(calls):.0%}",
        "left_primary_p99_ms": round(statistics.quantiles(waited, n=100)[-1]) if len(waited) > 1 else None,
        "answered_by": {who: f"{number / len(calls):.0%}" for who, number in sorted(ends.items())},
    }


def held_measure(count: int, seconds: float, *, rounds: int, burst: bool) -> list[dict[str, Any]]:
    """Bare, alone, cold, warm."""
    from django.core.cache import cache
    from django.test import override_settings

    run = partial(callers_run, count, seconds, burst=burst)
    route = {"MODEL_SECONDS": {"primary": seconds, "secondary": seconds}}
    only_primary = {**route, "MODEL_ROUTE": ["primary"], "MODEL_BREAKER": _never_open()}
    bare, alone, cold, warm = (Rounds(name) for name in ("bare", "alone", "cold", "warm"))
    for _ in range(rounds):
        bare.add(partial(run, caller=sleep_only))
        cache.clear()  # where breakers are remembered
        with override_settings(**only_primary):
            warm_up("primary")
            alone.add(run)
        cache.clear()
        with override_settings(**route):
            warm_up("secondary")
            cold.add(run)
            warm.add(run)
    return [summary(measured) for measured in (bare, alone, cold, warm)]


def warm_up(alias: str) -> None:
    """What only first calls have to do: the client, its first connection, those to the database."""
    from django.conf import settings
    from django.db import connection
    from django.test import override_settings

    pooled = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    everybody = threading.Barrier(pooled, timeout=60)

    def connect(_: int) -> None:
        connection.ensure_connection()
        everybody.wait()
        connection.close()

    with ThreadPoolExecutor(pooled) as pool:
        list(pool.map(connect, range(pooled)))
    with override_settings(MODEL_ROUTE=[alias], MODEL_SECONDS={alias: 1.0}, MODEL_BREAKER=_never_open()):
        ask(1.0)
    connection.close()
    loaded_keep()  # as web processes and workers do when they have started


def _never_open() -> dict[str, Any]:
    return {"share": 2.0}


def abandoned_measure() -> dict[str, Any]:
    """A thousand calls that are given up; what of them is left."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import override_settings

    def given_up(_: int) -> None:
        try:
            ask(ABANDONED_SECONDS)
        finally:
            connection.close()

    cache.clear()
    seconds = {"primary": ABANDONED_SECONDS}
    with override_settings(MODEL_ROUTE=["primary"], MODEL_SECONDS=seconds, MODEL_BREAKER=_never_open()):
        threads, connections = threading.active_count(), _connections()
        with ThreadPoolExecutor(ABANDONED_AT_ONCE) as pool:
            list(pool.map(given_up, range(ABANDONED)))
        settled = _settles(lambda: threading.active_count() <= threads)
        left = threading.active_count() - threads
    return {
        "name": "abandoned",
        "calls": ABANDONED,
        "threads_left": left,
        "connections_left": _connections() - connections,
        "settled_ms": round(settled * 1000),
    }


def _settles(true: Callable[[], bool], seconds: float = 1.0) -> float:
    """Seconds until `true`, at most `seconds`."""
    started = time.monotonic()
    while not true() and time.monotonic() - started < seconds:
        time.sleep(0.01)
    return time.monotonic() - started


def _connections() -> int:
    """Of this process to the simulator."""
    port = urlsplit(os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"]).port
    return sum(1 for one in psutil.Process().net_connections() if one.raddr and one.raddr.port == port)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=200, help="at the same time (default 200)")
    parser.add_argument("--seconds", type=float, default=5.0, help="a model may take (default 5)")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default 3)")
    parser.add_argument("--burst", action="store_true", help="all callers ask in the same moment")
    options = parser.parse_args()
    with surroundings():
        held = held_measure(options.callers, options.seconds, rounds=options.rounds, burst=options.burst)
        results = [*held, abandoned_measure()]
    for result in results:
        print(json.dumps(result))
    slow = any(measured["held_p99_ms"] > TARGET_MS for measured in held[1:])
    left = results[-1]["threads_left"]
    verdict = "met" if not slow and left <= 0 else "MISSED"
    print(f"held at most {TARGET_MS} ms longer than the primary's time (p99), no thread left: {verdict}")
    return 0 if verdict == "met" else 1


if __name__ == "__main__":
    sys.exit(main())
