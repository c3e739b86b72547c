"""Documents: handing one in, deleting one."""

import hashlib

from django.db import transaction

from knowledge.errors import DocumentNotFound
from knowledge.files import Saved, file_save, files_delete
from knowledge.models import Audience, Document, DocumentVersion, Upload, VersionState
from knowledge.parsing import Format
from omnicqm.common.ids import is_id
from omnicqm.common.services import audit_record


def document_upload(
    *,
    data: bytes,
    content_type: Format,
    name: str,
    source: str,
    upload: Upload,
    saved: Saved,
    title: str = "",
    external_id: str | None = None,
    audience: Audience | None = None,
) -> tuple[DocumentVersion, bool]:
    """Hand one document in: a new one, or a new version of the one with `external_id`.

    The latest version and False when that is the same file under the same title, unless it failed. `audience` None
    leaves a known document's audience as it is. Runs inside the transaction of its caller, which also removes the files
    in `saved` should that fail.
    """
    document = _document_locked(external_id, source, audience)
    latest = document.versions.order_by("-number").first() if external_id else None
    sha256 = hashlib.sha256(data).hexdigest()
    if latest and (latest.sha256, latest.title) == (sha256, title) and latest.state != VersionState.FAILED:
        return latest, False
    version = DocumentVersion(
        document=document,
        upload=upload,
        number=latest.number + 1 if latest else 1,
        name=name,
        title=title,
        content_type=content_type,
        size=len(data),
        sha256=sha256,
    )
    file_save(version, data, saved)
    version.save(force_insert=True)
    return version, True


def _document_locked(external_id: str | None, source: str, audience: Audience | None) -> Document:
    """The document with `external_id`, locked until the transaction ends; a new one when there is none."""
    defaults = {"source": source, "audience": audience or Audience.CUSTOMER}
    if external_id is None:
        return Document.objects.create(**defaults)
    found, created = Document.objects.get_or_create(external_id=external_id, defaults=defaults)
    if created:
        return found
    document = Document.objects.select_for_update().filter(pk=found.pk).first()
    if document is None:  # deleted this moment
        return Document.objects.create(external_id=external_id, **defaults)
    if audience and document.audience != audience:
        document.audience = audience
        document.save(update_fields=["audience"])
    return document


def document_audience_set(*, document_id: str, audience: Audience, actor: str) -> Document:
    """Decide whom a document may reach, from the next search on. Raises `DocumentNotFound`."""
    with transaction.atomic():
        document = _document_get_locked(document_id)
        if document.audience != audience:
            document.audience = audience
            document.save(update_fields=["audience"])
            audit_record(actor=actor, action="document.audience_set", obj=document, details={"audience": audience})
        return document


def document_delete(*, document_id: str, actor: str) -> None:
    """Remove a document with its versions, chunks, vectors and files. Raises `DocumentNotFound`.

    The files go last, inside the transaction: when the storage fails the rows stay and deleting can be repeated, so no
    file is left that nothing points to.
    """
    with transaction.atomic():
        document = _document_get_locked(document_id)
        versions = list(document.versions.all())
        audit_record(actor=actor, action="document.deleted", obj=document, details={"versions": len(versions)})
        document.delete()
        files_delete(versions)


def _document_get_locked(document_id: str) -> Document:
    found = Document.objects.select_for_update().filter(pk=document_id)
    document = found.first() if is_id(document_id, "doc") else None
    if document is None:
        raise DocumentNotFound("There is no such document.")
    return document
