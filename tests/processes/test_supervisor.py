"""The supervisor, with small programs in the place of the real ones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from omnicqm.processes.children import child_start
from omnicqm.processes.errors import CannotStart
from omnicqm.processes.logfiles import LogFolder
from omnicqm.processes.supervisor import Service, Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(60)"
RECORDER = (
    "import signal, sys, time\n"
    "def end(*_):\n"
    "    open('stopped', 'a').write(sys.argv[1] + ' '); sys.exit()\n"
    "signal.signal(signal.SIGTERM, end); open(sys.argv[1], 'w').close(); time.sleep(60)"
)


class House:
    """A supervisor, what it said and the ids it reported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = LogFolder(folder / "logs")
        self.said: list[str] = []
        self.ids: dict[str, int] = {}
        self.supervisor = Supervisor(self.logs, on_change=self._note, say=self.said.append)

    def _note(self, ids: dict[str, int]) -> None:
        self.ids = ids

    def service(self, name: str, script: str = SLEEPER, ready: Callable[[], bool] = lambda: True) -> Service:
        def start(log: IO[bytes]) -> subprocess.Popen[bytes]:
            return child_start([sys.executable, "-c", script, name], output=log, folder=self.folder)

        return Service(name, start, ready, patience=5)

    def tick_until(self, reached: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, self.said
            self.supervisor.tick()
            time.sleep(0.02)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.supervisor.stop()


def test_a_killed_child_is_started_again(house: House) -> None:
    house.supervisor.stage_start([house.service("web")])
    first = house.ids["web"]
    os.kill(first, signal.SIGKILL)
    house.tick_until(lambda: house.ids["web"] != first)
    assert psutil.pid_exists(house.ids["web"])
    assert house.said == ["web ended (signal SIGKILL); it is started again."]


def test_a_child_that_keeps_dying_is_started_less_and_less_often(house: House) -> None:
    house.supervisor.stage_start([house.service("web", "import time; time.sleep(0.3)", ready=lambda: True)])
    started = time.monotonic()
    house.tick_until(lambda: len(house.said) == 4)
    assert time.monotonic() - started > 0.2 + 0.4 + 0.8


def test_a_child_that_dies_before_it_is_ready_ends_the_start_with_its_last_words(house: House) -> None:
    service = house.service("worker", "raise SystemExit('no model here')", ready=lambda: False)
    with pytest.raises(CannotStart, match=r"worker stopped 3 times while starting.*worker\.log:\n.*no model here"):
        house.supervisor.stage_start([service])


def test_a_program_that_cannot_be_started_is_tried_again(house: House) -> None:
    def start(log: IO[bytes]) -> subprocess.Popen[bytes]:
        return child_start([house.folder / "not there"], output=log)

    with pytest.raises(CannotStart, match="web stopped 3 times"):
        house.supervisor.stage_start([Service("web", start, lambda: True)])
    assert "web cannot be started" in house.said[0]


def test_a_stage_waits_until_all_its_services_are_ready(house: House) -> None:
    flag = house.folder / "flag"
    script = f"import time; time.sleep(0.5); open({str(flag)!r}, 'w'); time.sleep(60)"
    house.supervisor.stage_start([house.service("slow", script, ready=flag.exists), house.service("fast")])
    assert flag.exists()


def test_stages_stop_in_reverse_order(house: House) -> None:
    for name in ("first", "second", "third"):
        started = house.folder / name
        house.supervisor.stage_start([house.service(name, RECORDER, ready=started.exists)])
    house.supervisor.stop()
    assert (house.folder / "stopped").read_text().split() == ["third", "second", "first"]


def test_a_child_that_will_not_stop_is_killed(house: House) -> None:
    started = house.folder / "deaf"
    service = house.service("deaf", DEAF, ready=started.exists)
    house.supervisor.stage_start([Service(service.name, service.start, service.is_ready, patience=0.3)])
    child = house.ids["deaf"]
    house.supervisor.stop()
    assert not psutil.pid_exists(child)


def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent_script = (
        "import pathlib, subprocess, sys, time\n"
        "from omnicqm.processes.children import child_start\n"
        "child = child_start([sys.executable, '-c', 'import time; time.sleep(60)'], output=None)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_script], stdout=subprocess.PIPE)
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(timeout=5)


def test_a_log_that_grows_too_long_is_cut_and_its_writer_goes_on(tmp_path: Path) -> None:
    logs = LogFolder(tmp_path, limit=100)
    with logs.open("web") as writer:
        writer.write(b"old\n" * 50)
        writer.flush()
        logs.trim()
        writer.write(b"new\n")
    assert logs.path("web").read_bytes() == b"new\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"old\n" * 50
