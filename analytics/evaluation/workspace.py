"""A knowledge base of its own for as long as a suite needs one: nothing of it stays.

Everything happens in one transaction that is never committed. The company's own documents are out of sight in it and
untouched outside; while it lasts, changes of documents wait. Costs of models are real, and stay in the ledger.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.test.utils import override_settings

from knowledge.selectors import documents_with_latest
from knowledge.services import upload_create, versions_sweep
from omnicqm.common.errors import InvalidInput

ACTOR = "system:evaluation"
SECONDS = 3600.0  # to read and embed one file


class _Undone(Exception):
    """Ends the transaction without a trace."""


@contextmanager
def workspace() -> Iterator[None]:
    """Inside there are no documents but those that `knowledge_load` loads; outside nothing has changed."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        try:
            with transaction.atomic():
                documents_with_latest().delete()  # the rows alone: files stay where they are
                yield
                raise _Undone
        except _Undone:
            pass


def knowledge_load(*files: Path) -> None:
    """Documents of `files`, read, embedded and searchable. Raises `InvalidInput` for a file that cannot be read."""
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{file} cannot be read: {error}.", param="data") from error
        upload_create(data=data, name=file.name, source="evaluation", actor=ACTOR)
    versions_sweep(seconds=SECONDS)
