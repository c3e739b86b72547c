"""Documents: handing one in, deleting one."""

import hashlib

from django.db import transaction
from django.db.models import Max

from knowledge.errors import DocumentNotFound
from knowledge.files import Saved, file_save, files_delete
from knowledge.models import Audience, Document, DocumentVersion, Upload
from knowledge.parsing import Format
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
) -> tuple[Document, DocumentVersion | None]:
    """Hand one document in: a new one, or a new version of the one with `external_id`.

    The version is None when the document's latest one is the same file under the same title. `audience` None leaves a
    known document's audience as it is. Runs inside the transaction of its caller, which also removes the files in
    `saved` should that fail.
    """
    document = _document_locked(external_id, source, audience)
    latest = document.versions.order_by("-number").first()
    sha256 = hashlib.sha256(data).hexdigest()
    if latest and latest.sha256 == sha256 and latest.title == title:
        return document, None
    version = DocumentVersion(
        document=document,
        upload=upload,
        number=(document.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        name=name,
        title=title,
        content_type=content_type,
        size=len(data),
        sha256=sha256,
    )
    file_save(version, data, saved)
    version.save(force_insert=True)
    return document, version


def _document_locked(external_id: str | None, source: str, audience: Audience | None) -> Document:
    """The document with `external_id`, locked until the transaction ends; a new one when there is none."""
    defaults = {"source": source, "audience": audience or Audience.CUSTOMER}
    if external_id is None:
        return Document.objects.create(**defaults)
    found, created = Document.objects.get_or_create(external_id=external_id, defaults=defaults)
    if created:
        return found
    document = Document.objects.select_for_update().get(pk=found.pk)
    if audience and document.audience != audience:
        document.audience = audience
        document.save(update_fields=["audience"])
    return document


def document_delete(*, document_id: str, actor: str) -> None:
    """Remove a document with its versions, chunks, vectors and files. Raises `DocumentNotFound`.

    The files go last, inside the transaction: when the storage fails the rows stay and deleting can be repeated, so no
    file is left that nothing points to.
    """
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=document_id).first()
        if document is None:
            raise DocumentNotFound(f"There is no document {document_id}.")
        versions = list(document.versions.all())
        audit_record(actor=actor, action="document.deleted", obj=document, details={"versions": len(versions)})
        document.delete()
        files_delete(versions)
