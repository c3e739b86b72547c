"""Which programs make up a running installation, and how to tell that each is ready."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from celery import Celery
from kombu.exceptions import OperationalError
from redis import RedisError

from omnicqm.processes import mlflow_ui, postgres, simulator, valkey
from omnicqm.processes.addresses import EmbeddedAddresses
from omnicqm.processes.children import child_start
from omnicqm.processes.supervisor import Service

WEB_PROCESSES = 2
WORKER_THREADS = 4
SIDE_QUEUE = "side"  # of settings, which are read elsewhere
SIDE_SOFT_SECONDS, SIDE_HARD_SECONDS = 240, 300  # for side work that sets no limits of its own: told to end; killed
SIDE_MEGABYTES = 800  # a process of the side worker that has grown beyond is replaced after its task
_CELERY = ("celery", "-A", "omnicqm")
_QUIETLY = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")


@dataclass(frozen=True)
class Installation:
    """What settings say about where and how to run; `project` is the folder of manage.py."""

    project: Path
    home: Path
    port: int
    base_url: str
    database_url: str
    redis_url: str
    embedded_postgres: bool
    embedded_valkey: bool
    demo: bool
    outgoing_allow: tuple[str, ...]
    simulated_model: bool = False
    mlflow_ui: bool = False
    tracking_uri: str = ""
    tracking_artifacts: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """For children, which start in another folder than we did and write their logs line by line."""
        return {**os.environ, "OMNICQM_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}


def python(*arguments: str) -> list[str]:
    """A command line for a module run by our own interpreter."""
    return [sys.executable, "-m", *arguments]


def postgres_service(home: Path, addresses: EmbeddedAddresses) -> Service:
    """The embedded database, its cluster made on first use. Raises `CannotStart`, OSError."""
    server = postgres.Postgres(home / "postgres", addresses.postgres_port, addresses.postgres_password)
    server.prepare()
    return Service("postgres", server.start, server.is_ready, stop_signal=postgres.STOP_SIGNAL)


def valkey_service(home: Path, addresses: EmbeddedAddresses) -> Service:
    """The embedded broker and cache. Raises OSError."""
    server = valkey.Valkey(home / "valkey", addresses.valkey_port, addresses.valkey_password)
    server.prepare()
    return Service("valkey", server.start, server.is_ready, stop_signal=valkey.STOP_SIGNAL)


def simulator_service(installation: Installation, port: int) -> Service:
    """The simulated model service on `port` of loopback. Raises `CannotStart` where it is not installed."""
    simulator.installed_check(installation.project)
    command = python(simulator.MODULE, "--port", str(port))
    environment = simulator.own_environment(installation.environment)
    return Service(
        "simulator",
        lambda log: child_start(command, output=log, environment=environment, folder=installation.project),
        partial(simulator.answers, port),
    )


def mlflow_ui_service(installation: Installation, addresses: EmbeddedAddresses) -> Service:
    """MLflow's pages on loopback. Nobody waits for them: they take half a minute. Raises `CannotStart`."""
    here = installation
    uri = here.tracking_uri or addresses.mlflow_url  # at the first start settings knew no address yet
    mlflow_ui.installed_check(here.project, embedded=here.embedded_postgres, uri=uri)
    environment = mlflow_ui.own_environment(
        here.environment, uri=uri, port=addresses.mlflow_port, artifacts=here.tracking_artifacts
    )
    return Service(
        mlflow_ui.NAME,
        lambda log: child_start(python(mlflow_ui.MODULE), output=log, environment=environment, folder=here.project),
        _at_once,
    )


def first_services(installation: Installation, listening: socket.socket, redis_url: str) -> list[Service]:
    """What must answer before the installation is ready: one web process and the worker of replies."""
    worker = python(
        *_CELERY, "worker", "--pool", "threads", "--concurrency", str(WORKER_THREADS), "--hostname", "worker@%h",
        *_QUIETLY,
    )  # fmt: skip
    return [
        _web_service(1, installation, listening, partial(_web_answers, installation.port)),
        Service("worker", _start(installation, worker), _worker_answers(redis_url), patience=15),
    ]


def further_services(installation: Installation, listening: socket.socket) -> list[Service]:
    """What joins them while they already work: the other web processes, the worker for side work and the scheduler.
    Nobody waits for these."""
    webs = [_web_service(number, installation, listening, _at_once) for number in range(2, WEB_PROCESSES + 1)]
    beat = python(*_CELERY, "beat", "--loglevel", "WARNING")
    return [*webs, _side_service(installation), Service("beat", _start(installation, beat), _at_once)]


def _side_service(installation: Installation) -> Service:
    """The worker for what no customer waits for. Its one process can be killed in the middle of a task that hangs."""
    side = python(
        *_CELERY, "worker", "--pool", "prefork", "--concurrency", "1", "--queues", SIDE_QUEUE, "--hostname", "side@%h",
        "--soft-time-limit", str(SIDE_SOFT_SECONDS), "--time-limit", str(SIDE_HARD_SECONDS),
        "--max-memory-per-child", str(SIDE_MEGABYTES * 1000), *_QUIETLY,
    )  # fmt: skip
    return Service("side", _start(installation, side), _at_once)


def _web_service(
    number: int, installation: Installation, listening: socket.socket, is_ready: Callable[[], bool]
) -> Service:
    """A web process on the `listening` socket that all of them share."""
    shared = listening.fileno()
    web = python("omnicqm.processes.web", "--fd", str(shared))
    return Service(f"web-{number}", _start(installation, web, [shared]), is_ready)


def _at_once() -> bool:
    return True


def _start(
    installation: Installation, command: list[str], keep_open: list[int] | None = None
) -> Callable[[IO[bytes]], subprocess.Popen[bytes]]:
    return lambda log: child_start(
        command,
        output=log,
        environment=installation.environment,
        folder=installation.project,
        keep_open=keep_open or (),
    )


def _web_answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _worker_answers(redis_url: str) -> Callable[[], bool]:
    name = f"worker@{socket.gethostname()}"
    return lambda: name in celery_nodes(redis_url)


def celery_nodes(redis_url: str) -> list[str]:
    """Names of the workers and schedulers that answer a ping; none while the broker is away."""
    with Celery("supervisor", broker=redis_url, set_as_current=False) as app:
        try:
            answers = app.control.ping(timeout=0.5) or []
        except (OperationalError, RedisError):
            return []
    return sorted(name for answer in answers for name in answer)
