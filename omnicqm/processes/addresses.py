"""Where the embedded servers listen: ports picked once and kept, with their passwords, in the data folder."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "embedded.json"


@dataclass(frozen=True)
class EmbeddedAddresses:
    """Ports on loopback, passwords and the signing key of an embedded installation."""

    postgres_port: int
    postgres_password: str
    valkey_port: int
    valkey_password: str
    secret_key: str

    @property
    def database_url(self) -> str:
        return f"postgresql://omnicqm:{self.postgres_password}@127.0.0.1:{self.postgres_port}/omnicqm"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"


def addresses_read(home: Path) -> EmbeddedAddresses | None:
    """The kept addresses of the data folder `home`; None before its first start."""
    try:
        return EmbeddedAddresses(**json.loads((home / FILE_NAME).read_text()))
    except FileNotFoundError:
        return None


def addresses_get_or_create(home: Path) -> EmbeddedAddresses:
    """The kept addresses, picked and written (mode 0600) when there are none. Raises OSError when `home` refuses."""
    if kept := addresses_read(home):
        return kept
    postgres_port, valkey_port = free_ports(2)
    addresses = EmbeddedAddresses(
        postgres_port=postgres_port,
        postgres_password=secrets.token_urlsafe(24),
        valkey_port=valkey_port,
        valkey_password=secrets.token_urlsafe(24),
        secret_key=secrets.token_urlsafe(48),
    )
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f"{FILE_NAME}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(addresses), file, indent=1)
    draft.replace(home / FILE_NAME)
    return addresses


def free_ports(count: int) -> list[int]:
    """`count` different ports that are free on loopback now."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
