"""Writes: handing documents in, processing their versions, deleting them."""

from knowledge.services.documents import document_audience_set, document_delete
from knowledge.services.processing import version_process, version_retry, versions_sweep
from knowledge.services.reembedding import chunks_reembed
from knowledge.services.uploads import UploadReceipt, upload_create

__all__ = [
    "UploadReceipt",
    "chunks_reembed",
    "document_audience_set",
    "document_delete",
    "upload_create",
    "version_process",
    "version_retry",
    "versions_sweep",
]
