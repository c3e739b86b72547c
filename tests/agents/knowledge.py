"""Knowledge bases that many tests of a module share: loading one takes seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings

from knowledge.models import Document, Upload
from knowledge.services import upload_create, versions_sweep
from omnicqm.common.models import AuditEvent


@contextmanager
def knowledge_of(files: Iterator[tuple[str, bytes]], blocker, folder: Path) -> Iterator[None]:
    """`files` (name, content) are known inside; afterwards the tables are empty again."""
    with blocker.unblock(), override_settings(MEDIA_ROOT=folder):
        for name, data in files:
            upload_create(data=data, name=name, source="test", actor="system:test", external_id=_id(name))
        versions_sweep(seconds=600)
        yield
        Document.objects.all().delete()
        Upload.objects.all().delete()
        AuditEvent.objects.all().delete()


def _id(name: str) -> str | None:
    return None if name.endswith(".jsonl") else Path(name).stem
