"""The simulated model service as a part of the installation."""

import os
import signal
from pathlib import Path

import pytest

from omnicqm.processes import simulator
from omnicqm.processes.addresses import free_ports
from omnicqm.processes.errors import CannotStart
from omnicqm.processes.logfiles import LogFolder
from omnicqm.processes.services import Installation, simulator_service
from omnicqm.processes.supervisor import Supervisor
from omnicqm.processes.welcome import welcome_text
from tests.running import ROOT


def installation(home: Path, project: Path = ROOT) -> Installation:
    return Installation(
        project=project,
        home=home,
        port=8000,
        base_url="http://localhost:8000",
        database_url="",
        redis_url="",
        embedded_postgres=True,
        embedded_valkey=True,
        demo=False,
        outgoing_allow=(),
        simulated_model=True,
    )


def test_it_is_kept_running_like_every_part(tmp_path: Path) -> None:
    [port] = free_ports(1)
    logs, said = LogFolder(tmp_path / "logs"), []
    supervisor = Supervisor(logs, on_change=lambda ids: None, say=said.append)
    try:
        supervisor.stage_start([simulator_service(installation(tmp_path), port)])
        assert simulator.answers(port)
        os.kill(supervisor.process_ids()["simulator"], signal.SIGTERM)
        while not said:
            supervisor.tick()
        assert said == ["simulator ended (exit code 0); it is started again."]
    finally:
        supervisor.stop()
    assert not simulator.answers(port)


def test_clients_are_led_to_it_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "theirs")
    with monkeypatch.context() as own:
        own.setattr(os, "environ", dict(os.environ))
        simulator.model_choose()
        simulator.clients_lead(4711)
        seen = dict(os.environ)
    assert seen["OMNICQM_MODEL"] == "bedrock"
    assert seen["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "http://127.0.0.1:4711"
    assert seen["AWS_ACCESS_KEY_ID"] == "simulator"
    assert "AWS_BEARER_TOKEN_BEDROCK" not in seen
    assert "AWS_PROFILE" not in seen


def test_the_simulator_itself_asks_no_simulator() -> None:
    own = simulator.own_environment({"OMNICQM_MODEL": "bedrock", "OMNICQM_EMBEDDINGS": "titan", "HOME": "/home/ann"})
    assert own == {"OMNICQM_MODEL": "local", "OMNICQM_EMBEDDINGS": "local", "HOME": "/home/ann"}


def test_the_terminal_says_what_answers(tmp_path: Path) -> None:
    told = welcome_text(installation(tmp_path), LogFolder(tmp_path))
    assert "A SIMULATOR in the place of Amazon Bedrock" in told


def test_without_the_tests_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="part of the repository's tests"):
        simulator_service(installation(tmp_path, project=tmp_path), 4711)
