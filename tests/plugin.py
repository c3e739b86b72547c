"""Starts one throwaway PostgreSQL before Django reads its settings; loaded by ``-p tests.plugin``.

With pytest-xdist the controller starts it and its workers, which inherit the environment, make their own databases
in it. A DATABASE_URL of the developer is never touched.
"""

import os
from pathlib import Path

import pytest

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
_MARK = "OMNICQM_TEST_RUN"  # set for everything the controller starts

_started: Throwaway | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    global _started
    if _MARK in os.environ:
        return
    _started = Throwaway(ROOT)
    _forget_developers_settings()
    os.environ.update(
        {_MARK: "1", "OMNICQM_HOME": _started.home, "DATABASE_URL": _started.url, "SECRET_KEY": "only-for-tests"}
    )


def _forget_developers_settings() -> None:
    """Tests run the same whatever the shell exports for the product."""
    for name in list(os.environ):
        if name.startswith(("OMNICQM_", "AWS_", "EMAIL_")) and not name.startswith("OMNICQM_TEST_"):
            del os.environ[name]
    os.environ.pop("REDIS_URL", None)


def pytest_unconfigure() -> None:
    global _started
    if _started is None:
        return
    _started.stop()
    del os.environ[_MARK]
    _started = None
