"""The system under load: `manage.py up` with a model service that is ours, and what its processes use."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from omnicqm.processes.addresses import free_ports
from tests.running import RunningSystem, running
from tests.simulators.fixtures import aws_environment

ROOT = Path(__file__).resolve().parent.parent.parent
PRIMARY, SECONDARY = "eu.amazon.nova-2-lite-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@dataclass(frozen=True)
class Use:
    """Processor seconds and resident megabytes of each part of the system so far."""

    seconds: dict[str, float]
    megabytes: dict[str, float]

    def since(self, before: "Use") -> dict[str, float]:
        return {name: seconds - before.seconds.get(name, 0.0) for name, seconds in self.seconds.items()}


@dataclass
class Loaded:
    """A running system, the model service it asks, and a token for it."""

    system: RunningSystem
    model: subprocess.Popen[bytes]
    model_port: int
    token: str

    def calls(self, load: dict[str, Any]) -> tuple[list[list[Any]], float]:
        """What the generator of `load` measured, and the processor seconds it took itself."""
        told = json.dumps({"port": self.system.port, "token": self.token, **load}).encode()
        before = _children_seconds()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.insight_load.generator"], cwd=ROOT, input=told, stdout=subprocess.PIPE
        )
        if done.returncode:
            raise SystemExit("The load generator failed; its complaint is above.")
        return json.loads(done.stdout), _children_seconds() - before

    def primary_is(self, mode: str) -> None:
        httpx.post(f"http://127.0.0.1:{self.model_port}/mode", json={PRIMARY: mode}).raise_for_status()

    def use(self) -> Use:
        return use_of({**self.system.children, "model": self.model.pid})


def use_of(parts: Mapping[str, int]) -> Use:
    """What the processes (ids by name) used so far, with their children."""
    used = {name: list(map(_use_of, _family(pid))) for name, pid in parts.items()}
    return Use(
        {name: sum(seconds for seconds, _ in several) for name, several in used.items()},
        {name: sum(size for _, size in several) for name, several in used.items()},
    )


def _children_seconds() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def _family(pid: int) -> Sequence[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _use_of(process: psutil.Process) -> tuple[float, float]:
    try:
        times, size = process.cpu_times(), process.memory_info().rss / 1e6
    except psutil.NoSuchProcess:
        return 0.0, 0.0
    return times.user + times.system + times.children_user + times.children_system, size


@contextmanager
def loaded(home: Path, customers: int) -> Iterator[Loaded]:
    """Start everything and make `customers` with their interactions."""
    [model_port] = free_ports(1)
    with _model_running(model_port) as model:
        variables = {
            **aws_environment(f"http://127.0.0.1:{model_port}"),
            "OMNICQM_MODEL": "bedrock",
            "OMNICQM_MODEL_PRIMARY": PRIMARY,
            "OMNICQM_MODEL_SECONDARY": SECONDARY,
            "OMNICQM_API_REQUESTS_PER_MINUTE": "1000000",  # one client for all of the load
            "OMNICQM_LOG_JSON": "1",
        }
        with running(home, **variables) as system:
            _customers_make(system, customers)
            yield Loaded(system, model, model_port, _token(system))


@contextmanager
def _model_running(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "benchmarks.insight_load.model", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as model:
        assert model.stdout
        if not model.stdout.readline():
            raise SystemExit("The model service did not start; its complaint is above.")
        try:
            yield model
        finally:
            model.terminate()


def _customers_make(system: RunningSystem, count: int) -> None:
    command = [sys.executable, "-m", "benchmarks.insight_load.customers", str(count)]
    environment = {**system.environment, "DJANGO_SETTINGS_MODULE": "omnicqm.settings"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _token(system: RunningSystem) -> str:
    credentials = system.credentials
    form = {name: credentials[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    answer = httpx.post(f"{system.base_url}/oauth/token", data=form, timeout=30)
    return str(answer.raise_for_status().json()["access_token"])
