"""Where the embedded servers listen: ports picked once and kept, with their passwords, in the data folder."""

import json
import os
import random
import secrets
import socket
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from omnicqm.common.errors import ConfigurationError

FILE_NAME = "embedded.json"
PORTS = range(15000, 32000)  # below those the kernel lends to outgoing connections
PATIENCE_SECONDS = 5
BACKLOG = 2048  # connections that wait to be accepted: several bursts of hundreds. The kernel may allow fewer


@dataclass(frozen=True)
class EmbeddedAddresses:
    """Ports on loopback, passwords and the signing key of an embedded installation. Port 0: not picked yet."""

    postgres_port: int
    postgres_password: str
    valkey_port: int
    valkey_password: str
    secret_key: str
    simulator_port: int = 0
    mlflow_port: int = 0

    @property
    def database_url(self) -> str:
        return f"postgresql://omnicqm:{self.postgres_password}@127.0.0.1:{self.postgres_port}/omnicqm"

    @property
    def mlflow_url(self) -> str:
        """A database of its own in the same server, named as SQLAlchemy does."""
        return f"postgresql+psycopg://omnicqm:{self.postgres_password}@127.0.0.1:{self.postgres_port}/omnicqm_mlflow"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"


def addresses_read(home: Path) -> EmbeddedAddresses | None:
    """The kept addresses of the data folder `home`; None before its first start.

    Raises `ConfigurationError` when they cannot be read: the folder belongs to somebody else, or the file is damaged.
    """
    file = home / FILE_NAME
    try:
        return EmbeddedAddresses(**json.loads(file.read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise ConfigurationError(
            f"{file} belongs to another user. Start as that user, or set OMNICQM_HOME to another folder.",
            param="OMNICQM_HOME",
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{file} is damaged. Restore it from a backup, or set OMNICQM_HOME to another folder.", param="OMNICQM_HOME"
        ) from error


def addresses_get_or_create(home: Path) -> EmbeddedAddresses:
    """The kept addresses, picked and written (mode 0600) when there are none.

    A kept port that another program has taken meanwhile is replaced. Raises OSError when `home` refuses.
    """
    kept = addresses_read(home) or _new_addresses()
    addresses = replace(
        kept,
        postgres_port=_still_free(kept.postgres_port),
        valkey_port=_still_free(kept.valkey_port),
        simulator_port=_still_free(kept.simulator_port),
        mlflow_port=_still_free(kept.mlflow_port),
    )
    draft = home / f"{FILE_NAME}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(addresses), file, indent=1)
    draft.replace(home / FILE_NAME)
    return addresses


def _new_addresses() -> EmbeddedAddresses:
    postgres_port, valkey_port, simulator_port, mlflow_port = free_ports(4)
    return EmbeddedAddresses(
        postgres_port=postgres_port,
        postgres_password=secrets.token_urlsafe(24),
        valkey_port=valkey_port,
        valkey_password=secrets.token_urlsafe(24),
        secret_key=secrets.token_urlsafe(48),
        simulator_port=simulator_port,
        mlflow_port=mlflow_port,
    )


def _still_free(port: int) -> int:
    """`port`, or another when it stays taken: our own server of a killed start needs a moment to end."""
    if not port:
        return free_ports(1)[0]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline:
            return free_ports(1)[0]
        time.sleep(0.1)
    return port


def free_ports(count: int) -> list[int]:
    """`count` different ports that are free on loopback now."""
    shuffled = random.sample(PORTS, len(PORTS))
    free = (port for port in shuffled if is_free(port))
    return [next(free) for _ in range(count)]


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of loopback now."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
