"""``manage.py knowledge_ingest PATH…``: files and folders into the knowledge base; returns when search finds them."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from celery import current_app
from django.core.management.base import CommandError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from knowledge.models import PENDING_STATES, Audience, DocumentVersion, VersionState
from knowledge.parsing import MAX_BYTES
from knowledge.services import upload_create, versions_sweep
from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand

ACTOR = "system:knowledge_ingest"
POLL_SECONDS = 0.2
PING_SECONDS = 1.0
STALLED_SECONDS = 300.0  # without any document getting ready


class Command(DatabaseCommand):
    help = (
        "Read files and folders (recursively) into the knowledge base and wait until they are ready. "
        "A file keeps its identity by its path below the given folder: read again, it becomes a new version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--audience", choices=Audience.values, help="default: as before; new documents: customer")
        parser.add_argument("--internal", action="store_true", help="short for --audience internal")

    def handle(self, *args: Any, **options: Any) -> None:
        files = list(_files(options["paths"]))
        if not files:
            raise CommandError("There is no file at these paths.")
        self.failures = 0
        audience = Audience.INTERNAL if options["internal"] else options["audience"] and Audience(options["audience"])
        pending = [version for path, name in files for version in self._hand_in(path, name, audience)]
        if pending:
            self._wait(pending)
        if self.failures:
            raise CommandError(f"{self.failures} of them failed; the reasons are above.")
        self.stdout.write(self.style.SUCCESS("All ready."))

    def _hand_in(self, path: Path, name: str, audience: Audience | None) -> list[str]:
        """The versions to wait for."""
        is_records = path.suffix.lower() in (".jsonl", ".ndjson")
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            receipt = upload_create(
                data=data,
                name=path.name,
                source="command",
                actor=ACTOR,
                external_id=None if is_records else name,
                audience=audience,
            )
        except (OmniError, OSError) as error:
            self._failed(name, error.message if isinstance(error, OmniError) else error.strerror or str(error))
            return []
        if receipt.upload.unchanged:
            self.stdout.write(f"unchanged  {name} ({receipt.upload.unchanged} of {receipt.upload.documents})")
        # What was handed in before and never got ready is waited for too.
        new = [version.id for version in receipt.versions]
        pending = DocumentVersion.objects.filter(document__in=receipt.documents, state__in=PENDING_STATES)
        return list(dict.fromkeys([*new, *pending.values_list("id", flat=True)]))

    def _wait(self, versions: list[str]) -> None:
        by_worker = _worker_answers()
        if not by_worker:
            self.stdout.write("No worker answers: processing here.")
        waiting = set(versions)
        total, last_change = len(waiting), time.monotonic()
        while waiting:
            if not by_worker:
                versions_sweep(seconds=1)
            done = DocumentVersion.objects.filter(pk__in=waiting).exclude(state__in=PENDING_STATES)
            for version in done.select_related("document"):
                waiting.discard(version.id)
                last_change = time.monotonic()
                self._tell(version, total - len(waiting), total)
            if waiting and time.monotonic() - last_change > STALLED_SECONDS:
                raise CommandError(f"{len(waiting)} documents still wait. See the worker's log, then run this again.")
            if waiting and by_worker:
                time.sleep(POLL_SECONDS)

    def _tell(self, version: DocumentVersion, number: int, total: int) -> None:
        name = version.document.external_id or version.name
        if version.state == VersionState.FAILED:
            self._failed(name, version.error)
        else:
            self.stdout.write(f"ready {number}/{total}  {name}: {version.document.title}, {version.chunk_count} chunks")

    def _failed(self, name: str, reason: str) -> None:
        self.failures += 1
        self.stderr.write(self.style.ERROR(f"failed  {name}: {reason}"))


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Files with the names they are known by; hidden ones below a folder are left out."""
    for path in paths:
        if not path.exists():
            raise CommandError(f"There is nothing at {path}.")
        if path.is_file():
            yield path, path.name
        for file in sorted(path.rglob("*")) if path.is_dir() else ():
            below = file.relative_to(path)
            if file.is_file() and not any(part.startswith(".") for part in below.parts):
                yield file, below.as_posix()


def _worker_answers() -> bool:
    try:
        return bool(current_app.control.ping(timeout=PING_SECONDS))
    except (BrokerError, RedisError, OSError):
        return False
