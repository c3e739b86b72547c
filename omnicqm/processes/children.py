"""Children that never outlive their parent, and the account they run under when we are root."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


@dataclass(frozen=True)
class Account:
    """A user and a group to run a server as."""

    uid: int
    gid: int

    @property
    def popen_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for(folder: Path) -> Account | None:
    """Who a server that refuses to be root runs as: None means ourselves.

    An existing `folder` keeps its owner; otherwise the user ``omnicqm`` if the machine has one, else ``nobody``.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("omnicqm", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    return Account(65534, 65534)


def child_start(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | None,
    errors: IO[bytes] | int = subprocess.STDOUT,
    dies_by: signal.Signals = signal.SIGKILL,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session. `output` None means our own; `errors` go there too unless given.

    `dies_by` is the signal the kernel sends it when this process ends, however it ends (Linux). Its own session keeps
    Ctrl-C in a terminal with the parent, which stops its children in order. Raises OSError when it cannot be started.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        cwd=folder,
        env=environment,
        pass_fds=keep_open,
        start_new_session=True,
        preexec_fn=_tie_to_parent(dies_by),
        **(account.popen_options if account else {}),
    )


def _tie_to_parent(dies_by: signal.Signals) -> Callable[[], None]:
    """Runs in the child after its user has changed, since a change of user makes the kernel forget the signal."""
    parent = os.getpid()

    def tie() -> None:
        die_with_parent(dies_by)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return tie


def die_with_parent(by: signal.Signals) -> None:
    """Have the kernel send this process the signal `by` when the process that started it ends (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(by))


def child_stop(child: subprocess.Popen[bytes], *, by: signal.Signals, patience: float) -> None:
    """Ask `child` to end with the signal `by`; after `patience` seconds kill it. Returns when it is gone."""
    if child.poll() is None:
        child.send_signal(by)
    child_await(child, patience=patience)


def child_await(child: subprocess.Popen[bytes], *, patience: float) -> None:
    """Wait until `child` is gone; after `patience` seconds kill it."""
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
