"""Starts one throwaway PostgreSQL before Django reads its settings; loaded by ``-p tests.plugin``.

With pytest-xdist the controller starts it; its workers, which inherit the environment, make their own databases in it
and keep their files apart. A DATABASE_URL of the developer is never touched.
"""

import json
import os
from pathlib import Path

import pytest

from tests.sharing import SHARED
from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
_MARK = "OMNICQM_TEST_RUN"  # set for everything the controller starts
_KEPT = "OMNICQM_TEST_SHELL"  # what the shell exports, as JSON

_started: Throwaway | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    global _started
    if _MARK in os.environ:
        if worker := os.environ.get("PYTEST_XDIST_WORKER"):
            os.environ["OMNICQM_HOME"] = str(Path(os.environ["OMNICQM_HOME"], worker))
        return
    _started = Throwaway(ROOT)
    os.environ[_KEPT] = json.dumps(_developers_settings_forget())
    shared = Path(_started.home).with_name("shared")
    shared.mkdir()
    os.environ.update(
        {
            _MARK: "1",
            SHARED: str(shared),
            "OMNICQM_HOME": _started.home,
            "DATABASE_URL": _started.url,
            "SECRET_KEY": "only-for-tests",
        }
    )


def _developers_settings_forget() -> dict[str, str]:
    """Tests run the same whatever the shell exports for the product. What it did export."""
    prefixes = ("OMNICQM_", "AWS_", "EMAIL_", "MLFLOW_", "REDIS_URL")
    names = [name for name in os.environ if name.startswith(prefixes) and not name.startswith("OMNICQM_TEST_")]
    return {name: os.environ.pop(name) for name in names}


def developers_settings() -> dict[str, str]:
    """What the shell exports for the product: only tests that make live calls look at it."""
    return json.loads(os.environ[_KEPT])


def pytest_unconfigure() -> None:
    global _started
    if _started is None:
        return
    _started.stop()
    del os.environ[_MARK], os.environ[_KEPT], os.environ[SHARED]
    _started = None
