"""The whole installation as its processes: it comes back, it leaves nothing behind, it says why it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from omnicqm.processes.addresses import free_ports
from tests.running import ROOT, RunningSystem, environment_for, running

pytestmark = pytest.mark.process

CHILDREN = ["postgres", "valkey", "web-1", "web-2", "worker", "side", "beat"]
MEMORY_LIMIT_MB = 1600


@pytest.fixture(scope="module")
def bare_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """An installation without demo data that this module may treat badly; its folder has a space."""
    with running(tmp_path_factory.mktemp("bare system") / "var", OMNICQM_DEMO="0") as system:
        yield system


def wait_until(reached: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def answers(system: RunningSystem, path: str = "/healthz") -> bool:
    try:
        with urllib.request.urlopen(f"{system.base_url}{path}", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def is_whole(system: RunningSystem) -> bool:
    """Web, database and broker say they are ready; both workers and the scheduler answer a ping."""
    return answers(system, "/readyz") and len(system.celery_nodes()) == 3


def family(system: RunningSystem) -> list[psutil.Process]:
    """The supervisor's descendants. The children lead sessions of their own."""
    return psutil.Process(system.supervisor.pid).children(recursive=True)


def start_refused(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_comes_back(bare_system: RunningSystem, name: str) -> None:
    former = bare_system.kill(name)
    wait_until(lambda: bare_system.children.get(name, former) != former)
    wait_until(lambda: is_whole(bare_system), seconds=90)


def test_every_part_is_well_after_all_that(bare_system: RunningSystem) -> None:
    done = bare_system.manage("doctor")
    assert done.stdout.endswith("All parts are well.\n"), done.stdout + done.stderr
    assert done.returncode == 0


def test_web_requests_wait_while_both_web_processes_come_back(bare_system: RunningSystem) -> None:
    bare_system.kill("web-1")
    bare_system.kill("web-2")
    with urllib.request.urlopen(f"{bare_system.base_url}/healthz", timeout=30) as response:
        assert response.status == 200


def test_the_web_processes_load_no_model(bare_system: RunningSystem) -> None:
    for name in ("web-1", "web-2"):
        files = {Path(mapped.path).name for mapped in psutil.Process(bare_system.children[name]).memory_maps()}
        assert not [file for file in files if "onnxruntime" in file], name


def test_all_processes_together_stay_small(bare_system: RunningSystem) -> None:
    everybody = [psutil.Process(bare_system.supervisor.pid), *family(bare_system)]
    shares = [megabytes_of(process) for process in everybody]
    assert sum(share > 0 for share in shares) > 10  # they were looked at
    assert sum(shares) < MEMORY_LIMIT_MB


def megabytes_of(process: psutil.Process) -> float:
    """Its share of what it has in memory; 0 once it has ended, as the database's helpers do all the time."""
    try:
        return process.memory_full_info().pss / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def test_a_second_start_from_the_same_folder_is_refused(bare_system: RunningSystem) -> None:
    done = start_refused(**bare_system.environment)
    assert done.returncode == 1
    assert f"OmniCQM already runs from {bare_system.home}" in done.stderr
    assert f"http://localhost:{bare_system.port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        done = start_refused(**environment_for(tmp_path, port))
    assert done.returncode == 1
    assert f"Port {port} is already used by another program. Stop it, or choose another: OMNICQM_PORT=" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_in_the_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    done = start_refused(**environment_for(tmp_path / "home", free_ports(1)[0]))
    assert done.returncode == 1
    assert "is a file, not a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_variable_is_refused(tmp_path: Path) -> None:
    done = start_refused(**environment_for(tmp_path, 8000, OMNICQM_MODEL="gtp"))
    assert done.returncode == 1
    assert done.stderr.startswith("OMNICQM_MODEL is 'gtp'. Set it to one of:")


def test_a_database_that_does_not_answer_is_told_at_once(tmp_path: Path) -> None:
    database, port = free_ports(2)
    url = f"postgresql://a:b@127.0.0.1:{database}/x"
    done = start_refused(**environment_for(tmp_path, port, DATABASE_URL=url, SECRET_KEY="x" * 50))
    told = f"The database at 127.0.0.1:{database} does not answer: Connection refused."
    assert (done.returncode, done.stderr) == (1, f"{told} Start it, or correct DATABASE_URL.\n")


@pytest.mark.parametrize(
    "command",
    [
        ["customers_import", "manage.py"],
        ["api_client_create", "--name", "Outlook flow"],
        ["knowledge_ingest", "README.md"],
        ["prepare"],
        ["demo_load"],
    ],
    ids=lambda command: command[0],
)
def test_on_a_stopped_system_a_command_says_so_in_one_sentence(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment_for(tmp_path, 8000),
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = "There is no database yet. Start the system with 'make run'.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_killing_the_supervisor_leaves_no_process_and_the_next_start_recovers(tmp_path: Path) -> None:
    home = tmp_path / "var"
    with running(home, OMNICQM_DEMO="0") as system:
        everybody = family(system)
        assert len(everybody) >= len(CHILDREN)
        system.supervisor.kill()
        system.supervisor.wait()
        _, alive = psutil.wait_procs(everybody, timeout=10)
        assert alive == []
    with running(home, OMNICQM_DEMO="0") as system:
        assert answers(system)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path / "var", OMNICQM_DEMO="0") as system:
        everybody = family(system)
        system.supervisor.send_signal(number)
        assert system.supervisor.wait(timeout=40) == 0
        _, alive = psutil.wait_procs(everybody, timeout=1)
    assert alive == []
    assert "database system is shut down" in system.log("postgres")


def test_it_stops_with_the_program_that_started_it(tmp_path: Path) -> None:
    """As `make run` does: whoever kills make is rid of everything."""
    [port] = free_ports(1)
    command = [sys.executable, "manage.py", "up", "--stop-with-parent"]
    script = f"import subprocess, time; subprocess.Popen({command}); time.sleep(99)"
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment_for(tmp_path / "var", port, OMNICQM_DEMO="0"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: (tmp_path / "var" / "processes.json").exists())
    everybody = psutil.Process(parent.pid).children(recursive=True)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(everybody, timeout=40)
    assert alive == []
