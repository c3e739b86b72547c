"""The system under load: `manage.py up` with visitors in its database, their pages, and people who answer them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.insight_load.system import PRIMARY, SECONDARY
from omnicqm.processes.addresses import addresses_read, free_ports
from tests.running import RunningSystem, running
from tests.simulators.fixtures import aws_environment

ROOT = Path(__file__).resolve().parent.parent.parent
Process = subprocess.Popen[str]


@dataclass
class Chatting:
    """A running system and the model it asks."""

    system: RunningSystem
    model: Process

    def visitors(self, pages: int, newcomers: int) -> dict[str, Any]:
        done = self._start("visitors", str(pages), str(newcomers)).communicate()[0]
        return dict(json.loads(done))

    def pages_open(self, load: dict[str, Any]) -> Process:
        """The process that holds all pages open by now."""
        pages = self._start("pages")
        _tell(pages, json.dumps({"port": self.system.port, **load}))
        assert pages.stdout
        if pages.stdout.readline() != "ready\n":
            raise SystemExit("The pages could not be opened; the complaint is above.")
        return pages

    def people_begin(self, work: dict[str, Any]) -> Process:
        people = self._start("people")
        _tell(people, json.dumps(work))
        assert people.stdin
        people.stdin.close()
        people.stdin = None
        return people

    def model_moments(self) -> list[float]:
        """When the model had written the first sentence of each reply; ends the model."""
        self.model.terminate()
        return [float(line) for line in self.model.communicate()[0].split()]

    def messages(self) -> dict[str, list[str]]:
        """Ids of what customers may see, in order, by conversation: the truth."""
        addresses = addresses_read(self.system.home)
        assert addresses
        said: dict[str, list[str]] = {}
        with psycopg.connect(addresses.database_url) as connection:
            rows = connection.execute(
                "SELECT conversation_id, id FROM conversations_message WHERE direction <> 'note' ORDER BY seq"
            )
            for conversation_id, message_id in rows:
                said.setdefault(conversation_id, []).append(message_id)
        return said

    def _start(self, module: str, *arguments: str) -> Process:
        command = [sys.executable, "-m", f"benchmarks.chat_load.{module}", *arguments]
        environment = {**self.system.environment, "DJANGO_SETTINGS_MODULE": "omnicqm.settings"}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


def pages_quiet(pages: Process) -> None:
    """No more coming, going and typing."""
    _tell(pages, "quiet")


def result_of(process: Process) -> Any:
    """What it printed at its end."""
    done = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"{process.args} failed; its complaint is above.")
    return json.loads(done)


def _tell(process: Process, line: str) -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


@contextmanager
def chatting(home: Path) -> Iterator[Chatting]:
    [port] = free_ports(1)
    variables = {
        **aws_environment(f"http://127.0.0.1:{port}"),
        "OMNICQM_MODEL": "bedrock",
        "OMNICQM_MODEL_PRIMARY": PRIMARY,
        "OMNICQM_MODEL_SECONDARY": SECONDARY,
        "OMNICQM_LOG_JSON": "1",
    }
    with running(home, **variables) as system, _model_running(system, port, (PRIMARY, SECONDARY)) as model:
        yield Chatting(system, model)


@contextmanager
def _model_running(system: RunningSystem, port: int, models: Sequence[str]) -> Iterator[Process]:
    """The simulated model, whose own engine is the embedded one."""
    command = [sys.executable, "-m", "benchmarks.chat_load.model", str(port), *models]
    environment = {**system.environment, "OMNICQM_MODEL": "local"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) as model:
        assert model.stdout
        if model.stdout.readline() != "ready\n":
            raise SystemExit("The model did not start; its complaint is above.")
        try:
            yield model
        finally:
            model.terminate()
