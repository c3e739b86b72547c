"""Rows as answers."""

from typing import Any

from knowledge.models import Audience, Document, DocumentVersion, VersionState
from knowledge.selectors import UploadProgress


def document_answer(document: Document) -> dict[str, Any]:
    """`document` as `document_get` returns it, its versions the latest first."""
    versions = list(document.versions.all())
    latest = versions[0] if versions else None
    return {
        "document_id": document.id,
        "external_id": document.external_id,
        "title": str(document),
        "internal": document.audience == Audience.INTERNAL,
        "source": document.source,
        "created_at": document.created_at,
        "state": latest.state if latest else VersionState.QUEUED,
        "error": (latest.error or None) if latest else None,
        "versions": [_version_answer(version) for version in versions],
    }


def _version_answer(version: DocumentVersion) -> dict[str, Any]:
    return {
        "version_id": version.id,
        "version": version.number,
        "current": version.current,
        "state": version.state,
        "error": version.error or None,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256,
        "chunks": version.chunk_count,
        "created_at": version.created_at,
    }


def upload_answer(progress: UploadProgress) -> dict[str, Any]:
    return {
        "upload_id": progress.upload.id,
        "state": progress.state,
        "total": progress.upload.documents,
        "unchanged": progress.upload.unchanged,
        "documents": [
            {
                "document_id": version.document_id,
                "external_id": version.document.external_id,
                "version": version.number,
                "state": version.state,
                "error": version.error or None,
            }
            for version in progress.versions
        ],
    }
