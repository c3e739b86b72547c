"""Uploads: one file from outside, which holds one document or, as JSONL, many."""

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.files import Saved, files_transaction
from knowledge.models import Audience, Document, DocumentVersion, Upload
from knowledge.parsing import Format, Record, format_sniff, records_parse, text_decode, text_sniff
from knowledge.services.claims import PARALLEL
from knowledge.services.documents import document_upload
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue
from omnicqm.common.text import identifier_check, line_clean

MAX_EXTERNAL_ID = 200
MAX_TITLE = 300
MAX_NAME = 255


@dataclass(frozen=True)
class UploadReceipt:
    """What became of an upload: its documents in the order of the file, and those versions that are new."""

    upload: Upload
    documents: list[Document]
    versions: list[DocumentVersion]


def upload_create(
    *,
    data: bytes,
    name: str,
    source: str,
    actor: str,
    title: str = "",
    external_id: str | None = None,
    known_by_name: bool = False,
    audience: Audience | None = None,
) -> UploadReceipt:
    """Take a file in and have a worker process it. One transaction: all documents of the file or none.

    With `known_by_name` a file without `external_id` is known by its name: of the same name again it is a new version.
    A JSONL file makes a document of every record, under the record's own id and title; `internal` of a record goes
    before `audience`. Raises `FileUnreadable`, `FileTooLarge` or `InvalidInput` before anything is stored.
    """
    content_type = format_sniff(data, name)
    name = line_clean(name)[-MAX_NAME:]
    known_as = _external_id(external_id)
    if known_as is None and known_by_name and content_type is not Format.JSONL:
        known_as = name[-MAX_EXTERNAL_ID:] or None
    parts = list(_parts(data, content_type, line_clean(title), known_as))
    with files_transaction() as saved:
        upload = Upload.objects.create(documents=len(parts))
        stored = [_store(part, upload, saved, name, source, audience) for part in parts]
        new = [version for version, is_new in stored if is_new]
        upload.unchanged = len(stored) - len(new)
        upload.save(update_fields=["unchanged"])
        audit_record(actor=actor, action="knowledge.uploaded", obj=upload, details={"documents": len(parts)})
        # Each of these goes on with what else waits when it is done.
        for version in new[:PARALLEL]:
            task_enqueue("knowledge.version_process", version.id)
    return UploadReceipt(upload, [version.document for version, _ in stored], new)


@dataclass(frozen=True)
class _Part:
    data: bytes
    content_type: Format
    title: str
    external_id: str | None
    internal: bool | None = None


def _parts(data: bytes, content_type: Format, title: str, external_id: str | None) -> Iterator[_Part]:
    if len(title) > MAX_TITLE:
        raise InvalidInput(f"title is longer than {MAX_TITLE} characters.", param="title")
    if content_type is not Format.JSONL:
        yield _Part(data, content_type, title, external_id)
        return
    if external_id is not None:
        raise InvalidInput("Records of a JSONL file have their own ids; leave external_id out.", param="external_id")
    for record in records_parse(text_decode(data)):
        yield _record_part(record)


def _record_part(record: Record) -> _Part:
    content_type = text_sniff(record.text)
    if content_type is Format.JSONL:
        content_type = Format.TEXT
    return _Part(record.text.encode(), content_type, record.title[:MAX_TITLE], record.id, record.internal)


def _external_id(value: str | None) -> str | None:
    if value is None or not value.strip():
        return None
    value = identifier_check(value, param="external_id")
    if len(value) > MAX_EXTERNAL_ID:
        raise InvalidInput(f"external_id is longer than {MAX_EXTERNAL_ID} characters.", param="external_id")
    return value


def _store(
    part: _Part, upload: Upload, saved: Saved, name: str, source: str, audience: Audience | None
) -> tuple[DocumentVersion, bool]:
    if part.internal is not None:
        audience = Audience.INTERNAL if part.internal else Audience.CUSTOMER
    return document_upload(
        data=part.data,
        content_type=part.content_type,
        name=name,
        source=source,
        upload=upload,
        saved=saved,
        title=part.title,
        external_id=part.external_id,
        audience=audience,
    )
