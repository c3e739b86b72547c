"""MLflow's database: ours is made and brought up to date, anybody else's is left as it is."""

import os

import psycopg
import pytest

from agents.tracing import store
from agents.tracing.preparing import database_prepare, tracing_prepare
from omnicqm.processes.addresses import free_ports

NAME = "omnicqm_mlflow_made"


def databases() -> set[str]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        return {name for (name,) in server.execute("SELECT datname FROM pg_database").fetchall()}


@pytest.mark.django_db
def test_the_embedded_one_is_made_once_with_its_tables_and_prompts(settings):
    server = os.environ["DATABASE_URL"]
    settings.MLFLOW_TRACKING_URI = f"postgresql+psycopg{server.removeprefix('postgresql').rpartition('/')[0]}/{NAME}"
    settings.MLFLOW_EMBEDDED = True
    settings.DATABASE_URL = server
    store.store_forget()
    assert NAME not in databases()
    assert tracing_prepare() is True
    assert tracing_prepare() is True
    assert NAME in databases()
    with psycopg.connect(settings.MLFLOW_TRACKING_URI.replace("+psycopg", "")) as made:
        [count] = made.execute("SELECT count(*) FROM registered_models").fetchone()
    assert count >= 8
    database_prepare(server, settings.MLFLOW_TRACKING_URI)
    store.store_forget()


def test_a_server_elsewhere_gets_no_database_from_us(settings):
    before = databases()
    settings.EMBEDDED_POSTGRES = True
    settings.MLFLOW_TRACKING_URI = f"http://127.0.0.1:{free_ports(1)[0]}"
    assert tracing_prepare() is False
    assert databases() == before
