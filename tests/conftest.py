import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from omnicqm import settings as product
from omnicqm.celery import app
from omnicqm.common.tokens import tokens_forget
from tests.emptying import rows_delete
from tests.running import ROOT, RunningSystem, running
from tests.sharing import made_once
from tests.simulators.fixtures import aws, aws_server, bedrock, bedrock_port  # noqa: F401 - fixtures for all
from tests.valkey import valkey, valkey_async, valkey_server  # noqa: F401

# The same examples on every run, on machines of any speed; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

TransactionTestCase._fixture_teardown = rows_delete


SHARED_SYSTEM = "running system"
# What pytest-xdist begins with, longest first: whatever begins last and takes long is waited for with idle cores.
LONGEST = (
    SHARED_SYSTEM,
    "tests/processes/test_system.py",
    "tests/flows/test_live_chat.py",
    "tests/console/access/test_access.py",
    "tests/processes/test_tracing.py",
    "tests/conversations/test_adversarial.py",
    "tests/conversations/api/test_bad_input.py",
    "tests/agents/engine/test_sample_bank.py",
    "tests/agents/engine/test_hostile_input.py",
    "tests/knowledge/test_real_data.py",
    "tests/agents/engine/test_answers.py",
    "tests/agents/engine/test_demo_questions.py",
    "tests/analytics/evaluation/test_calibration.py",
    "tests/demo/test_day.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """With pytest-xdist the tests of a file stay together, and so do all that share the running system."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    if "PYTEST_XDIST_WORKER" in os.environ:
        rank = {group: number for number, group in enumerate(LONGEST)}
        items.sort(key=lambda item: rank.get(_group(item), len(rank)))


def _group(item: pytest.Item) -> str:
    in_browser = item.get_closest_marker("browser") is not None
    shares = in_browser or "running_system" in getattr(item, "fixturenames", ())
    return SHARED_SYSTEM if shares else item.nodeid.split("::")[0]


def pytest_make_parametrize_id(val: object) -> str | None:
    """Long values are named by their beginning, files by the mark of their kind: names travel with every report, some
    held whole recordings, and those with a time in them were others on each worker.
    """
    if isinstance(val, bytes):
        return f"{val[:4]!r}..." if len(val) > 20 else None
    return f"{val[:40]!r}..." if isinstance(val, str) and len(val) > 80 else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """pytest-xdist tells groups at the end of names; where pytest ignores that, each worker starts its own system."""
    if getattr(session.config.option, "loadgroup", False) and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("This pytest-xdist does not group tests with this pytest: see pyproject.toml.")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """With pytest-xdist the first worker that needs tables makes them; each copies them into a database of its own."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = made_once("tables", tables_make).read_text()


def tables_make(note: Path) -> None:
    """A database with our tables in the tests' PostgreSQL; `note` will hold its name."""
    name, url = "tables", os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    environment = os.environ | {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
    command = [sys.executable, "manage.py", "migrate", "--settings=tests.settings", "--skip-checks", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    note.write_text(name)


@pytest.fixture(scope="session", autouse=True)
def tasks_registered() -> None:
    """Load the tasks, as a worker does when it starts: only known ones run eagerly."""
    app.loader.import_default_modules()


@pytest.fixture(autouse=True)
def cache_empty() -> None:
    """No test finds a breaker that another one opened, a limit that another one used up or a token that is gone."""
    cache.clear()
    tokens_forget()


@pytest.fixture
def after_replies(settings) -> None:
    """What the product does after a reply is done here too, at once."""
    settings.EVENT_TASKS = product.EVENT_TASKS


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data: OMNICQM_TEST_DATA, or ``../shared/data`` beside the repository."""
    folder = Path(os.environ.get("OMNICQM_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set OMNICQM_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """One whole installation with the demo data, shared by all tests marked `process` or `browser`.

    Tests that kill its parts leave it running again; a test that needs a fresh one uses `tests.running.running`.
    """
    with running(tmp_path_factory.mktemp("running system") / "var") as system:
        yield system
