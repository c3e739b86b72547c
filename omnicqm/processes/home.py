"""The data folder: is it ours, can it be written, and does nobody else run from it?"""

import errno
import fcntl
import getpass
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from omnicqm.processes.errors import CannotStart

LOCK_NAME = "up.lock"
STATE_NAME = "processes.json"
FIRST_START_MB = 500  # database, embedding model, static files
LATER_START_MB = 100
_OTHER_FOLDER = "or set OMNICQM_HOME to another folder"


@dataclass(frozen=True)
class State:
    """What a running supervisor tells about itself: its process id, address, the ids of its children by name, and the
    private places its requests may reach."""

    pid: int
    url: str
    children: dict[str, int] = field(default_factory=dict)
    outgoing_allow: Sequence[str] = ()

    @classmethod
    def of_this_process(cls, url: str, children: dict[str, int], outgoing_allow: Sequence[str]) -> "State":
        return cls(os.getpid(), url, children, outgoing_allow)


def state_write(home: Path, state: State) -> None:
    draft = home / f"{STATE_NAME}.new"
    draft.write_text(json.dumps(asdict(state)))
    draft.replace(home / STATE_NAME)


def state_read(home: Path) -> State | None:
    """The last written state; None when there is none. Its processes may be gone."""
    try:
        return State(**json.loads((home / STATE_NAME).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@contextmanager
def home_claimed(home: Path) -> Iterator[None]:
    """Hold the data folder `home` for one supervisor, after checking that it can be used.

    Raises `CannotStart` with the remedy: another supervisor runs from it, it cannot be written, its disk is full. An
    OSError inside the block that comes from the folder is told the same way.
    """
    with refusals_told(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (home / LOCK_NAME).open("a") as lock:
            _lock_or_tell(lock.fileno(), home)
            _check_space(home)
            try:
                yield
            finally:
                (home / STATE_NAME).unlink(missing_ok=True)


@contextmanager
def refusals_told(home: Path) -> Iterator[None]:
    """Turn the operating system's refusals into `CannotStart`."""
    try:
        yield
    except OSError as error:
        raise CannotStart(_refusal(error, home)) from error


def _lock_or_tell(descriptor: int, home: Path) -> None:
    """The kernel drops this lock with the process that holds it, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        state = state_read(home)
        where = f" (process {state.pid}, {state.url})" if state else ""
        raise CannotStart(f"OmniCQM already runs from {home}{where}. Stop it first, {_OTHER_FOLDER}.") from None


def _check_space(home: Path) -> None:
    needed = LATER_START_MB if (home / "postgres").exists() else FIRST_START_MB
    free = shutil.disk_usage(home).free // 1_000_000
    if free < needed:
        raise CannotStart(
            f"The disk of {home} has only {free} MB left and {needed} MB are needed. Free some space, {_OTHER_FOLDER}."
        )
    with tempfile.TemporaryFile(dir=home) as probe:  # a quota or a read-only mount shows only when writing
        probe.write(bytes(1_000_000))


def _refusal(error: OSError, home: Path) -> str:
    where = error.filename if isinstance(error.filename, str) else home
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk of {home} is full. Free some space, {_OTHER_FOLDER}."
    if error.errno == errno.EROFS:
        return f"{home} is on a read-only file system. Make it writable, {_OTHER_FOLDER}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"The user {_user_name()} may not write {where}. Change its owner or permissions, {_OTHER_FOLDER}."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{where} is a file, not a folder. Move it away, {_OTHER_FOLDER}."
    return f"{where} cannot be used: {error.strerror or error}. Repair it, {_OTHER_FOLDER}."


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
