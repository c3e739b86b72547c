"""What is examined, in the order in which the parts build on each other."""

import asyncio
import http.client
import platform
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import psycopg
import redis
from asgiref.sync import async_to_sync
from celery import current_app
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.templatetags.static import static
from django.utils import timezone

from agents.providers.base import ModelProvider
from agents.tracing.selectors import tracing_state
from analytics.reporting.schema import REMEDY, ROLE, reader_exists
from analytics.selectors import facts_as_of
from conversations.crm.selectors import crm_state
from conversations.speech.provider import speech_get
from knowledge.embeddings import embedder_get
from knowledge.services.reembedding import chunks_of_other_models
from omnicqm.common.aws import aws_credentials_source
from omnicqm.common.backends import backend_get
from omnicqm.common.outbox.selectors import outbox_state
from omnicqm.common.outbox.stores import store_get
from omnicqm.processes.doctor.examining import Examination, Unwell
from omnicqm.processes.home import LATER_START_MB, state_read

SECONDS = 5
BEAT = "celerybeat@"
LONGEST_UNREFRESHED = timedelta(minutes=10)  # facts are looked at every half minute
LONGEST_FOR_CRM = timedelta(minutes=10)  # cases are sent at once
LONGEST_IN_OUTBOX = timedelta(minutes=10)  # records leave every minute


def _python() -> str:
    return f"{platform.python_version()} at {sys.executable}"


def _settings() -> str:
    serious = [message for message in run_checks() if message.is_serious(ERROR)]
    if serious:
        raise Unwell(" ".join(f"{message.msg} {message.hint or ''}".strip() for message in serious))
    return f"{'embedded' if settings.EMBEDDED_POSTGRES else 'distributed'}, {_base_url()}"


def _base_url() -> str:
    """Of what runs from this data folder, whatever this shell's own variables say."""
    state = state_read(settings.OMNICQM_HOME)
    return state.url if state else settings.OMNICQM_BASE_URL


def _data_folder() -> str:
    if not settings.OMNICQM_HOME.exists():
        raise Unwell(f"{settings.OMNICQM_HOME} does not exist yet")
    with tempfile.TemporaryFile(dir=settings.OMNICQM_HOME) as probe:
        probe.write(bytes(1_000_000))
    return str(settings.OMNICQM_HOME)


def _disk() -> str:
    free = shutil.disk_usage(settings.OMNICQM_HOME).free // 1_000_000
    if free < LATER_START_MB:
        raise Unwell(f"{free} MB free")
    return f"{free:,} MB free"


def _postgres() -> str:
    if not settings.DATABASE_URL:
        raise Unwell("no address: none is set, and none was started embedded from this data folder")
    started = time.monotonic()
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=SECONDS) as database:
        version = database.info.server_version // 10_000
    if version < 15:
        raise Unwell(f"version {version}; 15 is needed")
    return f"version {version}, answers in {_milliseconds(started)} ms"


def _pgvector() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        row = cursor.fetchone()
    if row is None:
        raise Unwell("the extension 'vector' is not installed in the database")
    if tuple(map(int, row[0].split(".")))[:2] < (0, 8):
        raise Unwell(f"version {row[0]}; 0.8 is needed")
    return f"version {row[0]}"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        raise Unwell(f"{len(pending)} not applied, first {pending[0][0]}")
    return f"{len(executor.loader.applied_migrations)} applied"


def _broker() -> str:
    if not settings.REDIS_URL:
        raise Unwell("no address: none is set, and none was started embedded from this data folder")
    started = time.monotonic()
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, protocol=2
    ) as client:
        about = client.info("server")
    name = "Valkey" if "valkey_version" in about else "Redis"
    version = about.get("valkey_version") or about["redis_version"]
    return f"{name} {version}, answers in {_milliseconds(started)} ms"


def _channel_layer() -> str:
    started = time.monotonic()
    async_to_sync(_round_trip)()
    return f"round trip in {_milliseconds(started)} ms"


async def _round_trip() -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(SECONDS):
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "doctor"})
        await layer.receive(channel)


def _web() -> str:
    """Embedded we know its port; elsewhere we ask by the address customers use."""
    address = urlsplit(_base_url())
    scheme = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    client = scheme(address.hostname or "localhost", address.port, timeout=SECONDS)
    started = time.monotonic()
    try:
        client.request("GET", "/healthz")
        status = client.getresponse().status
    finally:
        client.close()
    if status != 200:
        raise Unwell(f"{address.geturl()}/healthz answers {status}")
    return f"{address.geturl()} answers in {_milliseconds(started)} ms"


def _worker() -> str:
    return _workers_of(current_app.conf.task_default_queue)


def _side_worker() -> str:
    return _workers_of(settings.SIDE_QUEUE)


def _workers_of(queue: str) -> str:
    """Names of the workers that take work from `queue`."""
    answers = current_app.control.inspect(timeout=1.5).active_queues() or {}
    workers = sorted(name for name, queues in answers.items() if queue in [each["name"] for each in queues])
    if not workers:
        raise Unwell(f"no worker of the queue '{queue}' answers")
    return ", ".join(workers)


def _scheduler() -> str:
    schedulers = [name for name in _celery_nodes() if name.startswith(BEAT)]
    if len(schedulers) != 1:
        raise Unwell(f"{len(schedulers)} answer; exactly one must run")
    return schedulers[0]


def _celery_nodes() -> list[str]:
    return sorted(name for answer in current_app.control.ping(timeout=1.5) or [] for name in answer)


def _embeddings() -> str:
    embedder = embedder_get()
    started = time.monotonic()
    vectors = embedder.embed_texts(["How do I return an item?"])
    if vectors.shape != (1, embedder.dimension):
        raise Unwell(f"{embedder.model} gives {vectors.shape[1]} numbers instead of {embedder.dimension}")
    waiting = chunks_of_other_models(embedder.model).count()
    note = f"; {waiting:,} passages of another model are being embedded anew" if waiting else ""
    return f"{embedder.model}, loaded and used in {_milliseconds(started)} ms{note}"


def _models() -> str:
    """Without asking one: what the route is, that every stop of it can be built, and that there are credentials."""
    models = [cast(ModelProvider, backend_get("MODEL_PROVIDERS", alias)) for alias in settings.MODEL_ROUTE]
    elsewhere = any(not model.capabilities.in_process for model in models)
    credentials = f"; AWS credentials from {aws_credentials_source()}" if elsewhere else ""
    return " ".join([", then ".join(model.model for model in models) + credentials, *_all_remarks(models)])


def _all_remarks(models: list[ModelProvider]) -> list[str]:
    return [remark for model in models for remark in model.remarks]


def _speech() -> str:
    """Without listening: who would."""
    provider = speech_get()
    return "Amazon Transcribe" if provider.partials else "pocketsphinx, in this installation, English"


def _static_files() -> str:
    address = static("admin/css/base.css")  # raises when the manifest does not know it
    return f"collected, e.g. {address}"


def _mail() -> str:
    if not settings.EMAIL_HOST:
        return f"no EMAIL_HOST: e-mails are kept as files in {settings.EMAIL_FOLDER}"
    with get_connection(timeout=SECONDS):
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answers"


def _warehouse() -> str:
    """Whether what waits for the store gets there, without writing to it."""
    place, state = store_get().place, outbox_state()
    waiting = f"{state.pending:,} records wait"
    if state.last_error:
        raise Unwell(f"{waiting} for {place}. {state.last_error}")
    if state.oldest and timezone.now() - state.oldest > LONGEST_IN_OUTBOX:
        raise Unwell(f"{waiting} for {place}, the oldest since {state.oldest:%Y-%m-%d %H:%M} UTC")
    return f"{place}; {waiting}"


def _crm() -> str:
    """From what sending cases has noted, without asking Salesforce."""
    state = crm_state()
    if not state.enabled:
        return "no OMNICQM_SALESFORCE_DOMAIN: cases are not seen in a CRM"
    told = f"Salesforce; {state.pending:,} cases wait, {state.failed:,} were refused"
    if state.failed or state.last_error:
        raise Unwell(f"{told}. {state.last_error}")
    if state.oldest and timezone.now() - state.oldest > LONGEST_FOR_CRM:
        raise Unwell(f"{told}, the oldest waits since {state.oldest:%Y-%m-%d %H:%M} UTC")
    return told


def _tracing() -> str:
    """From what the side worker has noted, without asking MLflow."""
    state = tracing_state()
    if not state.enabled:
        return "no MLFLOW_TRACKING_URI: runs are not traced in MLflow"
    told = f"{state.exported:,} traces written, {state.pending:,} wait, {state.dropped:,} dropped"
    place = urlsplit(settings.MLFLOW_TRACKING_URI)
    if state.is_away and state.pending + state.erasing:
        raise Unwell(f"MLflow at {place.hostname}:{place.port} does not answer ({state.last_error}); {told}")
    return f"MLflow at {place.hostname}:{place.port}; {told}"


def _outgoing() -> str:
    state = state_read(settings.OMNICQM_HOME)
    allowed = ", ".join(state.outgoing_allow if state else settings.OUTGOING_ALLOW)
    return f"private addresses refused{f', except {allowed}' if allowed else ''}"


def _milliseconds(since: float) -> int:
    return round((time.monotonic() - since) * 1000)


_START = "Start the installation with 'make run'"
_PREPARE = "Run 'manage.py prepare'."


def _figures() -> str:
    with connection.cursor() as cursor:
        if not reader_exists(cursor):
            raise Unwell(f"the database has no role {ROLE} that may read the views")
    as_of = facts_as_of()
    if as_of is None:
        return "none yet; the first come within a minute"
    if timezone.now() - as_of > LONGEST_UNREFRESHED:
        raise Unwell(f"the facts are of {as_of:%Y-%m-%d %H:%M} UTC")
    return f"as of {as_of:%H:%M:%S} UTC"


EXAMINATIONS = [
    Examination("Python", _python, ""),
    Examination("Settings", _settings, "Correct the variables named; .env.example explains each."),
    Examination("Data folder", _data_folder, f"{_START}, or correct OMNICQM_HOME or the folder's permissions."),
    Examination("Disk", _disk, "Free some space, or move the data folder and set OMNICQM_HOME.", needs="Data folder"),
    Examination("PostgreSQL", _postgres, f"{_START}, or correct DATABASE_URL."),
    Examination("pgvector", _pgvector, "As superuser: CREATE EXTENSION vector; (0.8 or newer)", needs="PostgreSQL"),
    Examination("Migrations", _migrations, _PREPARE, needs="PostgreSQL"),
    Examination("Valkey/Redis", _broker, f"{_START}, or correct REDIS_URL."),
    Examination("Channel layer", _channel_layer, "Restart the Redis server of REDIS_URL.", needs="Valkey/Redis"),
    Examination("Web", _web, f"{_START}, or correct OMNICQM_BASE_URL."),
    Examination("Worker", _worker, f"{_START}, or 'celery -A omnicqm worker --pool threads'.", needs="Valkey/Redis"),
    Examination(
        "Side worker",
        _side_worker,
        f"{_START}, or 'celery -A omnicqm worker --queues side --concurrency 1'.",
        needs="Valkey/Redis",
    ),
    Examination("Scheduler", _scheduler, f"{_START}, or one 'celery -A omnicqm beat'.", needs="Valkey/Redis"),
    Examination("Embedding model", _embeddings, _PREPARE, needs="Data folder"),
    Examination(
        "Models", _models, "Correct OMNICQM_MODEL, OMNICQM_MODEL_PRIMARY, OMNICQM_MODEL_SECONDARY or AWS's variables."
    ),
    Examination("Speech", _speech, "Correct OMNICQM_SPEECH and the variables OMNICQM_TRANSCRIBE_…"),
    Examination("Static files", _static_files, _PREPARE),
    Examination("E-mail", _mail, "Correct EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER and EMAIL_HOST_PASSWORD."),
    Examination(
        "Warehouse",
        _warehouse,
        "Correct what the message names, OMNICQM_WAREHOUSE_BUCKET or AWS's variables; nothing is lost meanwhile.",
        needs="Migrations",
    ),
    Examination(
        "CRM cases",
        _crm,
        "Correct what the message names; refused ones are sent again in the console, CRM cases. Nothing is lost.",
        needs="Migrations",
    ),
    Examination(
        "Figures",
        _figures,
        f"{REMEDY} A worker of the queue 'side' and the scheduler refresh them.",
        needs="Migrations",
    ),
    Examination(
        "Tracing",
        _tracing,
        "Start MLflow, or correct MLFLOW_TRACKING_URI; replies do not wait for it, and traces are written later.",
        needs="Migrations",
    ),
    Examination("Outgoing requests", _outgoing, "Correct OMNICQM_OUTGOING_ALLOW: host:port, separated by commas."),
]
