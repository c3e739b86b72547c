"""After a change of the embedding model: chunks of the former one cannot be found, so they are embedded anew."""

import time

from django.db import transaction
from django.db.models import QuerySet

from knowledge.chunking import indexed_text
from knowledge.embeddings import Embedder, embedder_get
from knowledge.models import Chunk

BATCH = 32


def chunks_reembed(*, seconds: float = 60.0) -> int:
    """Embed chunks of other models than the one in use, for at most about `seconds`; the number done.

    Safe to call at any time and by many: a batch is locked, and passed over by others, until it is stored. The chunks
    stay as they were cut. Raises `EmbeddingFailed`; what was stored before stays.
    """
    embedder, deadline, count = embedder_get(), time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (done := _batch_reembed(embedder)):
        count += done
    return count


def chunks_of_other_models(model: str) -> QuerySet[Chunk]:
    """Searchable chunks that `model` did not embed."""
    return Chunk.objects.filter(version__current=True, embedding__isnull=False).exclude(embedding_model=model)


def _batch_reembed(embedder: Embedder) -> int:
    with transaction.atomic():
        rows = chunks_of_other_models(embedder.model).select_related("version__document").order_by("id")
        chunks = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        texts = [_indexed(chunk, embedder) for chunk in chunks]
        for chunk, vector in zip(chunks, embedder.embed_texts(texts) if texts else (), strict=True):
            chunk.embedding, chunk.embedding_model = vector, embedder.model
        Chunk.objects.bulk_update(chunks, ["embedding", "embedding_model"])
        return len(chunks)


def _indexed(chunk: Chunk, embedder: Embedder) -> str:
    title = chunk.version.document.title
    return indexed_text(title, chunk.heading_path, chunk.text, measure=embedder.token_count)
