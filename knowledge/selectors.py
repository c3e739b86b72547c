"""Reads: what we know about a question, a document with its versions, how far an upload is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from knowledge.embeddings import embedder_get
from knowledge.errors import DocumentNotFound, UploadNotFound
from knowledge.models import PENDING_STATES, Audience, Chunk, Document, DocumentVersion, Upload, VersionState
from knowledge.search.candidates import candidates_find
from knowledge.search.question import question_make
from knowledge.search.scoring import Scored, candidates_score
from omnicqm.common.errors import InvalidInput
from omnicqm.common.ids import is_id

# Below it a passage is not about the question. Measured: see benchmarks/retrieval.py.
RELEVANCE_FLOOR = 0.4
MAX_LIMIT = 50

# Consultants see everything, customers only what is meant for them.
_VISIBLE_TO = {"customer": [Audience.CUSTOMER], "internal": [Audience.CUSTOMER, Audience.INTERNAL]}


@dataclass(frozen=True)
class Passage:
    """A chunk that was found, with all a citation needs.

    `score` orders the passages of one search. `relevance` says how likely it is about the question at all and is
    comparable between searches: below `RELEVANCE_FLOOR` we know nothing.
    """

    document_id: str
    external_id: str | None
    title: str
    version: int
    version_id: str
    chunk_id: str
    heading: str
    text: str
    score: float
    relevance: float
    internal: bool


def knowledge_search(
    *,
    query: str,
    limit: int = 5,
    audience: Literal["customer", "internal"] = "customer",
    context: Sequence[str] = (),
    min_relevance: float = 0.0,
    hide: Callable[[str], str] = str,
) -> list[Passage]:
    """The passages that best fit `query`, best first, without those below `min_relevance`.

    `audience` "internal" sees both kinds of document. `context` are the customer's earlier turns, oldest first; they
    weigh less than the query. `hide` takes out what is personal of what a provider elsewhere is to embed. Needs the
    embedding model, so it runs in workers; other processes call the task `knowledge.search`. When the provider of
    embeddings does not answer, words alone decide. Raises `InvalidInput` for an unknown audience.
    """
    if audience not in _VISIBLE_TO:
        raise InvalidInput("audience must be 'customer' or 'internal'.", param="audience")
    if not query.strip():
        return []
    embedder = embedder_get()
    question = question_make(query, context, embedder, hide)
    found = candidates_find(question, audiences=_VISIBLE_TO[audience], embedder=embedder)
    scored = [one for one in candidates_score(found, question.terms) if one.relevance >= min_relevance]
    return _passages(scored[: min(limit, MAX_LIMIT)])


def _passages(scored: list[Scored]) -> list[Passage]:
    chunks = Chunk.objects.defer("embedding", "term_counts").select_related("version__document")
    by_id = chunks.in_bulk([one.chunk_id for one in scored])
    return [_passage(by_id[one.chunk_id], one) for one in scored if one.chunk_id in by_id]


def _passage(chunk: Chunk, scored: Scored) -> Passage:
    document = chunk.version.document
    return Passage(
        document_id=document.id,
        external_id=document.external_id,
        title=document.title,
        version=chunk.version.number,
        version_id=chunk.version_id,
        chunk_id=chunk.id,
        heading=chunk.heading_path,
        text=chunk.text,
        score=round(scored.score, 4),
        relevance=round(scored.relevance, 4),
        internal=document.audience == Audience.INTERNAL,
    )


def document_get(document_id: str) -> Document:
    """A document with its versions at hand, the latest first. Raises `DocumentNotFound`."""
    versions = Prefetch("versions", DocumentVersion.objects.order_by("-number"))
    documents = Document.objects.prefetch_related(versions)
    document = documents.filter(pk=document_id).first() if is_id(document_id, "doc") else None
    if document is None:
        raise DocumentNotFound("There is no such document.")
    return document


def document_texts(*, document_id: str) -> list[str]:
    """The texts of a document's chunks as they are searched now, in order; none when it is not ready or unknown."""
    chunks = Chunk.objects.filter(version__document_id=document_id, version__current=True)
    return list(chunks.order_by("position").values_list("text", flat=True))


def chunk_texts(ids: Sequence[str]) -> dict[str, str]:
    """The texts of the chunks `ids`, with their headings, of whatever version; those that were deleted are missing."""
    chunks = Chunk.objects.filter(pk__in=ids).values_list("pk", "heading_path", "text")
    return {pk: f"{heading}\n{text}" if heading else text for pk, heading, text in chunks}


def version_is_ready(*, version_id: str) -> bool:
    """Whether search finds what a version says, or a later one of its document."""
    return DocumentVersion.objects.filter(pk=version_id, state=VersionState.READY).exists()


def documents_with_latest() -> QuerySet[Document]:
    """Documents, each with `latest_state`, `_error`, `_number`, `_name` and `_created_at` of its newest version."""
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    fields = ("state", "error", "number", "name", "created_at")
    return Document.objects.annotate(**{f"latest_{field}": Subquery(newest.values(field)[:1]) for field in fields})


@dataclass(frozen=True)
class UploadProgress:
    """How far an upload is: `failed` as soon as one of its documents failed and none is pending."""

    upload: Upload
    state: VersionState
    versions: list[DocumentVersion]


def upload_progress(upload_id: str) -> UploadProgress:
    """Raises `UploadNotFound`."""
    upload = Upload.objects.filter(pk=upload_id).first() if is_id(upload_id, "upl") else None
    if upload is None:
        raise UploadNotFound("There is no such upload.")
    versions = list(upload.versions.select_related("document").order_by("created_at", "id"))
    return UploadProgress(upload, _state_of_all({VersionState(version.state) for version in versions}), versions)


def _state_of_all(states: set[VersionState]) -> VersionState:
    """The state that tells a waiting caller most."""
    if pending := states & set(PENDING_STATES):
        return VersionState.QUEUED if states == {VersionState.QUEUED} else max(pending, key=PENDING_STATES.index)
    return VersionState.FAILED if VersionState.FAILED in states else VersionState.READY
