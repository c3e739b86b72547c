"""MLflow's own pages over the traces: ``python -m omnicqm.processes.mlflow_ui``, a part of the installation that is
started when it is asked for (`make run UI=mlflow`).

They come with the full package, which is four times as large as all of ours: it has an environment of its own. This
program waits until the side worker has prepared the database, then becomes the server.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from omnicqm.processes.errors import CannotStart

MODULE = "omnicqm.processes.mlflow_ui"
NAME = "mlflow-ui"
PROGRAM = Path(".venv-mlflow/bin/mlflow")
URI, PORT, ARTIFACTS = "MLFLOW_BACKEND_STORE_URI", "MLFLOW_PORT", "MLFLOW_DEFAULT_ARTIFACT_ROOT"
_LOOK_SECONDS = 2
_READY = "SELECT 1 FROM experiments WHERE name = 'omnicqm'"


def own_environment(environment: Mapping[str, str], *, uri: str, port: int, artifacts: str) -> dict[str, str]:
    """For the server; its password stays out of the process list."""
    ours = {
        URI: uri,
        PORT: str(port),
        ARTIFACTS: artifacts,
        "MLFLOW_HOST": "127.0.0.1",
        "MLFLOW_WORKERS": "1",
        "MLFLOW_SERVE_ARTIFACTS": "false",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    kept = {name: value for name, value in environment.items() if not name.startswith("MLFLOW_")}
    return {**kept, **ours}


def installed_check(project: Path, *, embedded: bool, uri: str) -> None:
    """Raises `CannotStart` where the pages cannot be had."""
    if not uri:
        raise CannotStart("Nothing is traced. Set OMNICQM_TRACING=1, or start without UI=mlflow.")
    if not embedded or uri.startswith("http"):
        raise CannotStart("MLflow is elsewhere, and so are its pages. Start without UI=mlflow.")
    if not (project / PROGRAM).exists():
        raise CannotStart("MLflow's pages are not installed. Run 'make run UI=mlflow'.")


def main() -> None:
    while not _is_prepared(os.environ[URI].replace("+psycopg", "")):
        time.sleep(_LOOK_SECONDS)
    program = str(PROGRAM.absolute())
    os.execv(program, [program, "server"])  # noqa: S606 - all else is in the environment


def _is_prepared(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3) as database:
            return database.execute(_READY).fetchone() is not None
    except psycopg.Error:
        return False


if __name__ == "__main__":
    main()
