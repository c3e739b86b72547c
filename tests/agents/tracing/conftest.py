"""A real MLflow for tests: mlflow-skinny on a database of its own in the tests' PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from agents.tracing import store
from agents.tracing.preparing import database_prepare
from agents.tracing.store import TraceStore

NAME = "omnicqm_mlflow_test"


@pytest.fixture(scope="session")
def mlflow_uri() -> str:
    """The address of a prepared database, as settings would name it."""
    server = os.environ["DATABASE_URL"]
    name = f"{NAME}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    uri = f"postgresql+psycopg{server.removeprefix('postgresql').rpartition('/')[0]}/{name}"
    database_prepare(server, uri)
    return uri


@pytest.fixture
def mlflow(mlflow_uri: str, settings, tmp_path: Path, db) -> Iterator[TraceStore]:
    """Tracing is on, and MLflow holds nothing."""
    _empty(mlflow_uri)
    store.store_forget()
    settings.MLFLOW_TRACKING_URI = mlflow_uri
    settings.MLFLOW_ARTIFACTS = (tmp_path / "artifacts").as_uri()
    yield store.store_get()
    store.store_forget()


def _empty(uri: str) -> None:
    with psycopg.connect(uri.replace("+psycopg", ""), autocommit=True) as database:
        tables = [row[0] for row in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        kept = ("alembic_version", "workspaces", "experiments")
        names = ", ".join(f'"{table}"' for table in tables if table not in kept)
        database.execute(f"TRUNCATE {names} CASCADE")
        database.execute("DELETE FROM experiments WHERE name <> 'Default'")  # each knows the folder of its artifacts


def everything_stored(uri: str, artifacts: Path) -> str:
    """Every text of every table of MLflow's database, and of every artifact."""
    found: list[str] = []
    with psycopg.connect(uri.replace("+psycopg", ""), autocommit=True) as database:
        for (table,) in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            found += [str(row) for row in database.execute(f'SELECT * FROM "{table}"').fetchall()]
    found += [file.read_text(errors="replace") for file in artifacts.rglob("*") if file.is_file()]
    return "\n".join(found)


def read_back(mlflow: TraceStore, run_id: str) -> SimpleNamespace:
    """The trace as somebody else's client of MLflow finds it: its info, its spans by name, its root."""
    [trace] = [
        trace
        for trace in mlflow.client.search_traces(locations=[mlflow.experiment_id], max_results=100)
        if trace.info.client_request_id == run_id
    ]
    spans = {span.name: span for span in trace.data.spans}
    [root] = [span for span in trace.data.spans if span.parent_id is None]
    return SimpleNamespace(info=trace.info, spans=spans, root=root, all=trace.data.spans)
