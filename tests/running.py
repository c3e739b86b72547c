"""A whole installation for tests: the real supervisor with a data folder and a port of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from omnicqm.processes.addresses import FILE_NAME, addresses_read, free_ports
from omnicqm.processes.home import State, state_read
from omnicqm.processes.services import celery_nodes
from tests.sharing import is_shared, made_once

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 300
STOP_SECONDS = 40


@dataclass
class RunningSystem:
    """`callback_port` is a free port of 127.0.0.1 that deliveries may call although the address is private."""

    home: Path
    port: int
    callback_port: int
    environment: dict[str, str]
    supervisor: subprocess.Popen[bytes]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> dict[str, str]:
        """base_url, client_id, client_secret, webhook_secret, admin_user, admin_password of the demo."""
        return json.loads((self.home / "demo-credentials.json").read_text())

    @property
    def children(self) -> dict[str, int]:
        """Process ids by service name: postgres, valkey, web-1, web-2, worker, side, beat."""
        state = state_read(self.home)
        assert isinstance(state, State), "nothing runs"
        return state.children

    @property
    def output(self) -> str:
        """What the terminal would show."""
        return (self.home / "up.out").read_text()

    def log(self, name: str) -> str:
        """The log of one child, e.g. ``worker``, which also holds the e-mails."""
        return (self.home / "logs" / f"{name}.log").read_text()

    def manage(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run ``manage.py`` against this installation."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def kill(self, name: str) -> int:
        """Kill a child without warning; returns the process id it had."""
        process_id = self.children[name]
        os.kill(process_id, signal.SIGKILL)
        return process_id

    def celery_nodes(self) -> list[str]:
        """Names of the workers and the scheduler, if they answer."""
        addresses = addresses_read(self.home)
        assert addresses
        return celery_nodes(addresses.redis_url)

    def wait_for_output(self, text: str, timeout: float = START_SECONDS) -> None:
        deadline = time.monotonic() + timeout
        while text not in self.output:
            if self.supervisor.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"'{text}' never appeared:\n{self.output}")
            time.sleep(0.2)

    def stop(self) -> None:
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
        self.supervisor.wait(STOP_SECONDS)


def environment_for(home: Path, port: int, **variables: str) -> dict[str, str]:
    """This process's environment without what the tests' own database and settings put into it."""
    foreign = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign and "OMNICQM" not in name}
    return {**kept, "OMNICQM_HOME": str(home), "OMNICQM_PORT": str(port), **variables}


@contextmanager
def running(home: Path, **variables: Any) -> Iterator[RunningSystem]:
    """Start ``manage.py up`` on `home`, wait until it says Ready, stop it at the end.

    In a run of tests a new `home` begins as a copy of one whose first start is over: its tables and static files cost
    half of a start.
    """
    if not home.exists() and is_shared():
        _prepared_copy(home)
    with _started(home, **variables) as system:
        system.wait_for_output("Ready after")
        yield system


@contextmanager
def _started(home: Path, **variables: Any) -> Iterator[RunningSystem]:
    port, callback_port = free_ports(2)
    home.mkdir(parents=True, exist_ok=True)
    environment = environment_for(home, port, OMNICQM_OUTGOING_ALLOW=f"127.0.0.1:{callback_port}", **variables)
    with (home / "up.out").open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--stop-with-parent"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    system = RunningSystem(home, port, callback_port, environment, supervisor)
    try:
        yield system
    finally:
        system.stop()


def _prepared_copy(home: Path) -> None:
    """Copy the data folder that the first to ask makes for all workers of this run, with ports of its own."""
    pattern = made_once("prepared", _first_start)
    home.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", pattern, home], check=True)  # the database's owner and the files' times count
    addresses = addresses_read(home)
    assert addresses
    postgres, valkey, simulator, mlflow = free_ports(4)
    own = replace(addresses, postgres_port=postgres, valkey_port=valkey, simulator_port=simulator, mlflow_port=mlflow)
    (home / FILE_NAME).write_text(json.dumps(asdict(own)))


def _first_start(home: Path) -> None:
    """A start without the demo: tables, static files and model are there then."""
    with _started(home, OMNICQM_DEMO="0") as system:
        system.wait_for_output("Ready after")
    for leftover in ("logs", "valkey", "processes.json"):
        path = home / leftover
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
