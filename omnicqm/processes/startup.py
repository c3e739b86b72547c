"""From a data folder to a running installation: the work of ``manage.py up``."""

import errno
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from omnicqm.common.database import database_check
from omnicqm.processes.addresses import BACKLOG, addresses_get_or_create, addresses_read
from omnicqm.processes.children import child_start, child_stop
from omnicqm.processes.errors import CannotStart
from omnicqm.processes.home import State, home_claimed, state_write
from omnicqm.processes.logfiles import LogFolder
from omnicqm.processes.prepared import is_prepared, prepared_note
from omnicqm.processes.progress import Progress
from omnicqm.processes.services import (
    Installation,
    first_services,
    further_services,
    mlflow_ui_service,
    postgres_service,
    python,
    simulator_service,
    valkey_service,
)
from omnicqm.processes.simulator import clients_lead
from omnicqm.processes.supervisor import Service, Supervisor
from omnicqm.processes.welcome import credentials_path, welcome_text

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def installation_run(installation: Installation, progress: Progress) -> None:
    """Start everything that has no URL in the environment and keep it running until a signal asks to stop.

    Raises `CannotStart` with a sentence and its remedy.
    """
    with ExitStack() as held, suppress(KeyboardInterrupt):
        held.enter_context(_signals_interrupt())
        held.enter_context(home_claimed(installation.home))
        listening = held.enter_context(_listen(installation.port))
        startup = _Startup(installation, progress)
        held.callback(startup.stop)
        startup.run(listening)
        startup.supervisor.watch()


class _Startup:
    """The order of a start, told step by step."""

    def __init__(self, installation: Installation, progress: Progress) -> None:
        self._installation = installation
        self._progress = progress
        self._logs = LogFolder(installation.home / "logs")
        self.supervisor = Supervisor(self._logs, on_change=self._keep_state, say=progress.say)

    def run(self, listening: socket.socket) -> None:
        here, started = self._installation, time.monotonic()
        self._progress.say(f"OmniCQM starts with its data in {here.home}")
        redis_url = self._servers_start() or here.redis_url
        self._prepare()
        self._stage_start("Web and worker", lambda: first_services(here, listening, redis_url))
        self.supervisor.stage_start([*further_services(here, listening), *self._pages()])
        if here.demo and not credentials_path(here.home).exists():
            self._command_run("demo_load")
        self._progress.say(f"Ready after {time.monotonic() - started:.0f} s.\n")
        self._progress.say(welcome_text(here, self._logs))

    def _pages(self) -> list[Service]:
        here = self._installation
        if not here.mlflow_ui:
            return []
        addresses = addresses_read(here.home)
        if addresses is None:
            raise CannotStart("MLflow's pages come with the embedded database. Start without UI=mlflow.")
        return [mlflow_ui_service(here, addresses)]

    def stop(self) -> None:
        with _signals_ignored():
            self._progress.say()
            with self._progress.step("Stopping"):
                self.supervisor.stop()

    def _servers_start(self) -> str:
        """Start the embedded servers. Returns the broker's address, empty when it is not embedded."""
        here = self._installation
        if not (here.embedded_postgres or here.embedded_valkey or here.simulated_model):
            return ""
        addresses = addresses_get_or_create(here.home)
        if here.embedded_postgres:
            self._stage_start("PostgreSQL", lambda: [postgres_service(here.home, addresses)])
        if here.simulated_model:
            clients_lead(addresses.simulator_port)
            self._stage_start("Simulator", lambda: [simulator_service(here, addresses.simulator_port)])
        if not here.embedded_valkey:
            return ""
        self._stage_start("Valkey", lambda: [valkey_service(here.home, addresses)])
        return addresses.redis_url

    def _prepare(self) -> None:
        here = self._installation
        if not here.embedded_postgres:
            database_check(here.database_url, remedy="Start it, or correct DATABASE_URL.")
        elif is_prepared(here.project, here.home):
            return
        self._command_run("prepare")
        if here.embedded_postgres:
            prepared_note(here.project, here.home)

    def _stage_start(self, label: str, services: Callable[[], list[Service]]) -> None:
        with self._progress.step(label):
            self.supervisor.stage_start(services())

    def _command_run(self, name: str) -> None:
        """Run a management command that reports its own progress; its complaints go to a log of its name."""
        here = self._installation
        with self._logs.open(name) as complaints:
            command = child_start(
                [*python("manage"), name], output=None, errors=complaints, environment=here.environment,
                folder=here.project,
            )  # fmt: skip
        try:
            while command.poll() is None:
                self.supervisor.tick()
                time.sleep(0.05)
        finally:
            child_stop(command, by=signal.SIGTERM, patience=5)
        if command.returncode:
            raise CannotStart(f"'{name}' failed. See {self._logs.path(name)}:\n{self._logs.tail(name)}")

    def _keep_state(self, children: dict[str, int]) -> None:
        here = self._installation
        with suppress(OSError):  # a full disk must not end what runs
            state_write(here.home, State.of_this_process(here.base_url, children, here.outgoing_allow))


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Every request to stop arrives as KeyboardInterrupt. A hang-up ignored by whoever started us (nohup) stays so."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    yield


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Impatience must not leave half of the children behind."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    yield


@contextmanager
def _listen(port: int) -> Iterator[socket.socket]:
    """The socket all web processes share. Raises `CannotStart` when `port` of loopback cannot be had."""
    try:
        listening = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    except OSError as error:
        why = {
            errno.EADDRINUSE: "is already used by another program. Stop it",
            errno.EACCES: "may only be used by root. Start as root",
        }.get(error.errno or 0, f"cannot be used ({error.strerror}). Free it")
        raise CannotStart(f"Port {port} {why}, or choose another: OMNICQM_PORT={_another(port)} make run") from error
    with listening:
        yield listening


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8000
