import json
import socket
from dataclasses import asdict
from pathlib import Path

import pytest

from omnicqm.common.errors import ConfigurationError
from omnicqm.processes.addresses import FILE_NAME, addresses_get_or_create, addresses_read, free_ports, is_free


def test_addresses_are_picked_once_and_kept(tmp_path: Path) -> None:
    first = addresses_get_or_create(tmp_path)
    assert addresses_get_or_create(tmp_path) == first == addresses_read(tmp_path)


def test_passwords_are_for_the_owner_only(tmp_path: Path) -> None:
    addresses_get_or_create(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_before_the_first_start_there_are_none(tmp_path: Path) -> None:
    assert addresses_read(tmp_path / "nothing") is None


def test_a_port_somebody_took_meanwhile_is_replaced_and_the_passwords_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omnicqm.processes.addresses.PATIENCE_SECONDS", 0.1)
    first = addresses_get_or_create(tmp_path)
    with socket.create_server(("127.0.0.1", first.valkey_port)):
        second = addresses_get_or_create(tmp_path)
    assert second.valkey_port != first.valkey_port
    assert (second.postgres_port, second.valkey_password) == (first.postgres_port, first.valkey_password)


def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    with pytest.raises(ConfigurationError, match=r"is damaged\. Restore it"):
        addresses_read(tmp_path)


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(is_free(port) for port in ports)


def test_a_port_that_came_with_a_later_release_is_picked_then(tmp_path: Path) -> None:
    kept = asdict(addresses_get_or_create(tmp_path))
    del kept["simulator_port"]
    (tmp_path / FILE_NAME).write_text(json.dumps(kept))
    renewed = addresses_get_or_create(tmp_path)
    assert renewed.simulator_port > 0
    assert renewed.postgres_password == kept["postgres_password"]
