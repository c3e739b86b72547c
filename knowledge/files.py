"""Stored files and database rows kept in step, which no transaction does for us."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.db import transaction

from knowledge.models import DocumentVersion

Saved = list[DocumentVersion]


@contextmanager
def files_transaction() -> Iterator[Saved]:
    """A transaction; versions added to the list lose their file again when it fails."""
    saved: Saved = []
    try:
        with transaction.atomic():
            # Registered first and so run first: what goes wrong in later hooks must not cost a committed row its file.
            transaction.on_commit(saved.clear)
            yield saved
    except BaseException:
        files_delete(saved)
        raise


def file_save(version: DocumentVersion, data: bytes, saved: Saved) -> None:
    """Store `data` as the file of an unsaved `version`."""
    saved.append(version)
    version.file.save(version.name, ContentFile(data), save=False)


def files_delete(versions: Saved) -> None:
    """Remove the files from the storage; one that is gone already is no error."""
    for version in versions:
        if version.file:
            version.file.delete(save=False)
