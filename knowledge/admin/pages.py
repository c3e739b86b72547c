"""What the page of one document shows."""

from dataclasses import dataclass

from knowledge.models import PENDING_STATES, Chunk, Document, DocumentVersion
from knowledge.selectors import document_get

PREVIEW_CHUNKS = 200


@dataclass(frozen=True)
class DocumentPage:
    document: Document
    versions: list[DocumentVersion]
    shown: DocumentVersion | None
    chunks: list[Chunk]

    @property
    def is_pending(self) -> bool:
        return any(version.state in PENDING_STATES for version in self.versions)


def document_page(document_id: str, version_id: str = "") -> DocumentPage:
    """A document with the chunks of one version: the wanted, else the current one. Raises `DocumentNotFound`."""
    document = document_get(document_id)
    versions = list(document.versions.all())
    wanted = [version for version in versions if version.id == version_id]
    shown = next(iter(wanted or [version for version in versions if version.current]), None)
    chunks = Chunk.objects.filter(version=shown).defer("embedding", "term_counts") if shown else Chunk.objects.none()
    return DocumentPage(document, versions, shown, list(chunks.order_by("position")[:PREVIEW_CHUNKS]))
