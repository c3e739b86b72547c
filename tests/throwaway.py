"""A PostgreSQL that lives as long as the pipe on its standard input: ``python -m tests.throwaway``.

Prints two lines: a fresh folder for the tests to use as OMNICQM_HOME, and the database's URL. When the pipe closes,
because the tests ended or were killed, it stops and removes both.
"""

import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from omnicqm.processes.addresses import free_ports
from omnicqm.processes.children import child_stop
from omnicqm.processes.postgres import DEATH_SIGNAL, Postgres

FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


def serve(folder: Path) -> None:
    [port] = free_ports(1)
    postgres = Postgres(folder / "postgres", port, secrets.token_urlsafe(12), FAST_AND_FORGETFUL)
    postgres.prepare()
    with (folder / "postgres.log").open("wb") as log:
        server = postgres.start(log)
    try:
        postgres.wait_ready(server)
        home = folder / "home"
        home.mkdir()
        print(home, postgres.url, sep="\n", flush=True)
        sys.stdin.read()
    finally:
        child_stop(server, by=DEATH_SIGNAL, patience=5)


class Throwaway:
    """The tests' end of the pipe."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.throwaway"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        self.home = self._process.stdout.readline().strip()
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("The throwaway PostgreSQL did not start; its complaint is above.")

    def stop(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    everything = Path(tempfile.mkdtemp(prefix="omnicqm-test-"))
    try:
        serve(everything)
    finally:
        shutil.rmtree(everything, ignore_errors=True)
