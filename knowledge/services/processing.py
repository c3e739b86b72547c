"""Processing: from a stored file to chunks that search finds."""

import time
from datetime import timedelta
from itertools import batched
from pathlib import PurePath

import numpy as np
from django.db import transaction
from django.utils import timezone

from knowledge.chunking import ChunkDraft, chunks_make
from knowledge.embeddings import Embedder, Vectors, embedder_get
from knowledge.errors import DocumentNotFound, FileTooLarge, FileUnreadable, VersionNotFailed
from knowledge.models import DocumentVersion, Upload, VersionState
from knowledge.parsing import Format, Parsed, file_parse
from knowledge.services.claims import claim_renew, claim_update, version_claim, versions_exhausted
from knowledge.services.publishing import version_publish
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue

BATCH = 64  # chunks embedded between two renewals of the claim
SPECIAL_TOKENS = 2  # what a model adds to every text
SWEEP_SECONDS = 60.0
UPLOADS_KEPT = timedelta(days=30)  # so long its sender can ask how far an upload is
MAX_TITLE = 300

log = get_logger(__name__)


class _ClaimLost(Exception):
    """Somebody else has the version, or its document was deleted."""


def version_process(*, version_id: str | None = None) -> bool:
    """Read, cut, embed and publish a waiting version, by default the oldest. False when there was none to take.

    What is wrong with the file ends as state `failed` with a sentence. Any other error is raised after the version was
    given back, for the sweep to try again up to `MAX_TRIES` times.
    """
    version = version_claim(version_id)
    if version is None:
        return False
    started = time.monotonic()
    try:
        _process(version, embedder_get())
    except (FileUnreadable, FileTooLarge) as error:
        claim_update(version, state=VersionState.FAILED, error=error.message, lease_until=None)
        log.info("version_failed", version=version.id, code=error.code)
    except _ClaimLost:
        log.warning("version_claim_lost", version=version.id)
    except BaseException:
        claim_update(version, lease_until=None)
        raise
    else:
        log.info("version_ready", version=version.id, ms=round((time.monotonic() - started) * 1000))
    return True


def _process(version: DocumentVersion, embedder: Embedder) -> None:
    parsed = _parse(version)
    title = version.title or parsed.title[:MAX_TITLE] or PurePath(version.name).stem
    limit = embedder.token_limit - SPECIAL_TOKENS
    drafts = chunks_make(title, parsed.blocks, measure=embedder.token_count, limit=limit)
    vectors = _embed(version, drafts, embedder)
    if not version_publish(version=version, title=title, drafts=drafts, vectors=vectors, model=embedder.model):
        raise _ClaimLost


def _parse(version: DocumentVersion) -> Parsed:
    try:
        with version.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError as error:
        if not DocumentVersion.objects.filter(pk=version.pk).exists():
            raise _ClaimLost from error
        raise FileUnreadable("The stored file is gone. Upload it again.") from error
    return file_parse(data, Format(version.content_type))


def _embed(version: DocumentVersion, drafts: list[ChunkDraft], embedder: Embedder) -> Vectors:
    rows = [np.empty((0, embedder.dimension), dtype=np.float32)]
    for batch in batched(drafts, BATCH):
        if not claim_renew(version, state=VersionState.EMBEDDING):
            raise _ClaimLost
        rows.append(embedder.embed_texts([draft.indexed for draft in batch]))
    return np.concatenate(rows)


def version_retry(*, version_id: str, actor: str) -> DocumentVersion:
    """Queue a failed version again. Raises `DocumentNotFound`, or `VersionNotFailed` when it is in another state."""
    with transaction.atomic():
        version = DocumentVersion.objects.select_for_update().filter(pk=version_id).first()
        if version is None:
            raise DocumentNotFound(f"There is no document version {version_id}.")
        if version.state != VersionState.FAILED:
            raise VersionNotFailed(f"Only a failed version can be tried again; this one is {version.state}.")
        version.state, version.error, version.tries, version.lease_until = VersionState.QUEUED, "", 0, None
        version.save(update_fields=["state", "error", "tries", "lease_until"])
        audit_record(actor=actor, action="version.retried", obj=version)
        task_enqueue("knowledge.version_process", version.id)
        return version


def versions_sweep(*, seconds: float = SWEEP_SECONDS) -> int:
    """Process what waits, one after the other, for at most about `seconds`; the number processed.

    Takes up versions whose worker died, fails those that ended without a word `MAX_TRIES` times, and forgets old
    uploads (never their documents).
    """
    given_up = "Processing broke off several times for a reason on our side. Try again; if it stays so, tell us."
    versions_exhausted().update(state=VersionState.FAILED, error=given_up, lease_until=None)
    Upload.objects.filter(created_at__lt=timezone.now() - UPLOADS_KEPT).delete()
    deadline = time.monotonic() + seconds
    count = 0
    while time.monotonic() < deadline and version_process():
        count += 1
    return count
