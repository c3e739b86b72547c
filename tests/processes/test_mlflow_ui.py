"""MLflow's pages as a part of the installation. That they are installed is not needed here."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from omnicqm.processes import mlflow_ui
from omnicqm.processes.addresses import EmbeddedAddresses
from omnicqm.processes.errors import CannotStart
from omnicqm.processes.logfiles import LogFolder
from omnicqm.processes.services import Installation, mlflow_ui_service
from omnicqm.processes.supervisor import Supervisor
from tests.processes.test_simulator import installation
from tests.running import ROOT

NAME = "omnicqm_pages_test"


def uri_of(name: str) -> str:
    return f"postgresql+psycopg{os.environ['DATABASE_URL'].removeprefix('postgresql').rpartition('/')[0]}/{name}"


@pytest.fixture
def database() -> str:
    """An empty database; its address as settings write it."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
    return uri_of(NAME)


def fake_mlflow(project: Path) -> None:
    """In the place of the real program: says what it is given, and stays."""
    program = project / mlflow_ui.PROGRAM
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" "$MLFLOW_BACKEND_STORE_URI" "$MLFLOW_HOST:$MLFLOW_PORT"\nexec sleep 60\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (project / "omnicqm").symlink_to(ROOT / "omnicqm")


def with_pages(home: Path, project: Path, uri: str) -> Installation:
    return Installation(**{**vars(installation(home, project)), "mlflow_ui": True, "tracking_uri": uri})


def test_they_wait_for_the_database_and_then_listen_on_loopback_only(tmp_path: Path, database: str) -> None:
    fake_mlflow(tmp_path / "project")
    logs = LogFolder(tmp_path / "logs")
    supervisor = Supervisor(logs, on_change=lambda ids: None, say=print)
    addresses = EmbeddedAddresses(1, "p", 2, "q", "k", mlflow_port=4711)
    try:
        supervisor.stage_start([mlflow_ui_service(with_pages(tmp_path, tmp_path / "project", database), addresses)])
        supervisor.tick()
        assert logs.path("mlflow-ui").read_text() == ""
        with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE TABLE experiments (name text)")
            connection.execute("INSERT INTO experiments VALUES ('omnicqm')")
        while not logs.path("mlflow-ui").read_text().endswith("\n"):
            supervisor.tick()
        assert logs.path("mlflow-ui").read_text() == f"server {database} 127.0.0.1:4711\n"
    finally:
        supervisor.stop()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "are not installed"),
        ({"embedded": False}, "elsewhere"),
        ({"uri": "https://mlflow.example"}, "elsewhere"),
        ({"uri": ""}, "Nothing is traced"),
    ],
)
def test_where_there_can_be_none_one_sentence_says_so(tmp_path: Path, changes: dict, told: str) -> None:
    with pytest.raises(CannotStart, match=told):
        mlflow_ui.installed_check(tmp_path, **({"embedded": True, "uri": uri_of("x")} | changes))


def test_what_the_shell_says_of_mlflow_does_not_reach_them() -> None:
    shell = {"MLFLOW_TRACKING_URI": "http://elsewhere", "MLFLOW_HOST": "0.0.0.0", "PATH": "/bin"}
    seen = mlflow_ui.own_environment(shell, uri="postgresql+psycopg://x", port=1, artifacts="file:///a")
    assert "MLFLOW_TRACKING_URI" not in seen
    assert (seen["MLFLOW_HOST"], seen["PATH"], seen["MLFLOW_DISABLE_TELEMETRY"]) == ("127.0.0.1", "/bin", "true")
