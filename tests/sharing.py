"""What one worker of pytest-xdist makes and all of them use. Benchmarks, which are no run of tests, share nothing."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

SHARED = "OMNICQM_TEST_SHARED"  # the folder


def is_shared() -> bool:
    """Whether a run of tests is under way, with a folder for what its workers share."""
    return SHARED in os.environ


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder `name` of this run, which the first to ask makes at the path given while others wait."""
    shared = Path(os.environ[SHARED])
    done = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            draft = shared / f"{name}.{os.getpid()}"
            make(draft)
            draft.rename(done)
    return done
