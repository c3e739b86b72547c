"""Whether ``manage.py prepare`` has already run for exactly this code and this database."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

STAMP_NAME = "prepared"
_NOT_OURS = {"__pycache__", "build", "var"}


def is_prepared(project: Path, home: Path) -> bool:
    """Only for an embedded database: nobody else changes it between two starts."""
    stamp = home / "static" / STAMP_NAME
    return stamp.exists() and stamp.read_text() == _fingerprint(project, home)


def prepared_note(project: Path, home: Path) -> None:
    """Remember that everything fits. The stamp lies among the static files, so that deleting them asks for new ones."""
    (home / "static" / STAMP_NAME).write_text(_fingerprint(project, home))


def _fingerprint(project: Path, home: Path) -> str:
    """Of the time and size of every file of the project, and of the database cluster's identity."""
    facts = hashlib.sha256(str((home / "postgres/PG_VERSION").stat().st_mtime_ns).encode())
    for path in _files(project, home):
        status = path.stat()
        facts.update(f"{path}:{status.st_mtime_ns}:{status.st_size};".encode(errors="surrogateescape"))
    return facts.hexdigest()


def _files(project: Path, home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _NOT_OURS and here / name != home
        )
        yield from (here / name for name in sorted(files))
