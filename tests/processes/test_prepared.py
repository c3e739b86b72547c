"""A start skips preparing only when neither the code nor the database has changed since."""

import os
from pathlib import Path

import pytest

from omnicqm.processes.prepared import is_prepared, prepared_note


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app" / "migrations").mkdir(parents=True)
    (tmp_path / "app" / "migrations" / "0001_initial.py").write_text("first")
    return tmp_path


@pytest.fixture
def home(project: Path) -> Path:
    """Inside the project, as by default, and under another name."""
    home = project / "data"
    (home / "static").mkdir(parents=True)
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("18")
    return home


def test_a_new_installation_is_not_prepared(project: Path, home: Path) -> None:
    assert not is_prepared(project, home)


def test_an_unchanged_one_is(project: Path, home: Path) -> None:
    prepared_note(project, home)
    (home / "logs").mkdir()
    (home / "logs" / "web.log").write_text("what happens in the data folder is no change of the code")
    assert is_prepared(project, home)


def test_a_new_migration_asks_for_preparing(project: Path, home: Path) -> None:
    prepared_note(project, home)
    (project / "app" / "migrations" / "0002_more.py").write_text("second")
    assert not is_prepared(project, home)


def test_a_changed_file_asks_for_preparing(project: Path, home: Path) -> None:
    prepared_note(project, home)
    os.utime(project / "app" / "migrations" / "0001_initial.py", (1, 1))
    assert not is_prepared(project, home)


def test_another_database_asks_for_preparing(project: Path, home: Path) -> None:
    prepared_note(project, home)
    os.utime(home / "postgres" / "PG_VERSION", (1, 1))
    assert not is_prepared(project, home)


def test_deleted_static_files_ask_for_preparing(project: Path, home: Path) -> None:
    prepared_note(project, home)
    (home / "static" / "prepared").unlink()
    (home / "static").rmdir()
    assert not is_prepared(project, home)
