"""Making a version the one that search finds."""

from collections import Counter

from django.db import transaction
from django.utils import timezone

from knowledge.chunking import ChunkDraft
from knowledge.embeddings import Vectors
from knowledge.models import Chunk, Document, DocumentVersion, VersionState
from knowledge.services.claims import claim_update
from knowledge.terms import terms_of


def version_publish(
    *, version: DocumentVersion, title: str, drafts: list[ChunkDraft], vectors: Vectors, model: str
) -> bool:
    """Store the chunks of a claimed version and let it replace the current one, in one transaction.

    Chunks of the replaced version keep their text for citations and lose what search needs. A version that a newer
    one has overtaken becomes ready without becoming current. False when the claim was lost meanwhile.
    """
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=version.document_id).first()
        chunks = _chunks(version, drafts, vectors, model)
        if document is None or not claim_update(
            version,
            state=VersionState.READY,
            lease_until=None,
            finished_at=timezone.now(),
            chunk_count=len(chunks),
            term_total=sum(chunk.term_total for chunk in chunks),
        ):
            return False
        Chunk.objects.bulk_create(chunks, batch_size=200)
        if document.versions.filter(current=True, number__gt=version.number).exists():
            _retire(version)
            return True
        if replaced := document.versions.filter(current=True).first():
            _retire(replaced)
        document.versions.filter(pk=version.pk).update(current=True)
        document.title = title
        document.save(update_fields=["title"])
        return True


def _retire(version: DocumentVersion) -> None:
    DocumentVersion.objects.filter(pk=version.pk).update(current=False)
    version.chunks.update(embedding=None, embedding_model="", term_counts={})


def _chunks(version: DocumentVersion, drafts: list[ChunkDraft], vectors: Vectors, model: str) -> list[Chunk]:
    chunks = []
    for position, (draft, vector) in enumerate(zip(drafts, vectors, strict=True)):
        counts = Counter(terms_of(draft.indexed))
        chunks.append(
            Chunk(
                version=version,
                position=position,
                heading_path=draft.heading,
                text=draft.text,
                term_counts=counts,
                term_total=counts.total(),
                embedding=vector,
                embedding_model=model,
            )
        )
    return chunks
