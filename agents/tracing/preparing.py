"""Seeing to it that MLflow can be written to: its database, its experiment, the prompts it is to know.

At the start of a side worker, and again and again: what failed is done the next time. The rest of the product does not
wait for it and does not notice when it fails.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import cache

from agents.prompts import Prompt, prompt_parse
from agents.tracing.pausing import failure_note, is_paused, pause_unless_answered
from agents.tracing.store import TraceStore, store_forget, store_get
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

ALIAS = "production"
DIGEST = "omnicqm.sha256"
_ALONE_SECONDS = 300  # two workers would register the same prompt twice


def tracing_prepare() -> bool:
    """Whether MLflow is ready. What is wrong is logged as an error, for somebody to look after it."""
    if not settings.MLFLOW_TRACKING_URI or is_paused() or not cache.add("tracing:preparing", 1, _ALONE_SECONDS):
        return False
    try:
        with pause_unless_answered():
            if settings.MLFLOW_EMBEDDED:
                database_prepare(settings.DATABASE_URL, settings.MLFLOW_TRACKING_URI)
            store = store_get()
            store.answer_check()
            log.info("tracing_ready", experiment=store.experiment_id, prompts=prompts_register(store))
    except Exception as error:
        store_forget()
        failure_note(type(error).__name__)
        log.error("tracing_not_ready", exc_info=error)
        return False
    finally:
        cache.delete("tracing:preparing")
    return True


def database_prepare(server_url: str, uri: str) -> None:
    """Make the database of `uri` in the server behind `server_url` when it is missing, and bring its tables up to this
    release of MLflow. Takes seconds the first time."""
    name = uri.rpartition("/")[2]
    with psycopg.connect(server_url, autocommit=True, connect_timeout=3) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            server.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    TraceStore(uri)  # sets the environment MLflow is loaded in
    from mlflow.store.db import utils

    engine = utils.create_sqlalchemy_engine(uri)
    try:
        if utils._is_empty_database(engine):
            utils._initialize_tables(engine)
        elif utils._get_schema_version(engine) != utils._get_latest_schema_revision():
            utils._upgrade_db(engine)
    finally:
        engine.dispose()


# --- Prompts ---------------------------------------------------------------------------------------------------------
def prompts_register(store: TraceStore) -> int:
    """Have the alias ``production`` of every prompt we ship stand on what is shipped; returns how many there are.

    A text that MLflow does not know yet becomes a new version, one that it knows is pointed at again.
    """
    return sum(_register(store.client, name, prompt, digest) for name, prompt, digest in _shipped())


def _shipped() -> Iterator[tuple[str, Prompt, str]]:
    """Name in the registry, prompt, and SHA-256 of its file."""
    for beginning, folder in settings.PROMPT_FOLDERS.items():
        for file in sorted(Path(folder).glob("*.txt")):
            source = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(source.encode()).hexdigest()
            yield f"omnicqm.{beginning}.{file.stem}", prompt_parse(file.stem, source), digest


def _register(client: Any, name: str, prompt: Prompt, digest: str) -> bool:
    known = [version for version in _versions(client, name) if version.tags.get(DIGEST) == digest]
    if known:
        version = known[-1]
    else:
        version = client.register_prompt(
            name, prompt.text, commit_message=f"version {prompt.version}", tags={DIGEST: digest}
        )
    if ALIAS not in version.aliases:
        client.set_prompt_alias(name, ALIAS, version.version)
    return True


def _versions(client: Any, name: str) -> list[Any]:
    """All that MLflow has, the oldest first."""
    from mlflow.exceptions import MlflowException

    found: list[Any] = []
    try:
        while True:
            found.append(client.get_prompt_version(name, len(found) + 1))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
    return found
