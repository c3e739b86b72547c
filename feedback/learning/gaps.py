"""Gaps: what customers ask and no document answers, gathered by likeness, closed when search finds an answer.

A question joins the gap whose question is most like it, or begins one of its own. A gap is closed only by searching for
its questions again, as a customer's run would, and opens again when one like them comes back unanswered.
"""

from datetime import timedelta

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from pgvector.django import CosineDistance

from conversations.answering.answered import Asked, asked_get
from feedback.learning.articles import articles_to_check
from feedback.learning.cleaning import personal_remove, question_of
from feedback.models import ArticleProposal, GapQuestion, KnowledgeGap
from knowledge.embeddings import embedder_get
from knowledge.selectors import RELEVANCE_FLOOR, knowledge_search, version_is_ready
from omnicqm.common.services import audit_record

State = KnowledgeGap.State
ALIKE_FROM = 0.72  # cosine; below it a question is another one
MAX_QUESTION_CHARS = 600
FOUND_AMONG = 3  # an article that others outdo is not read
SEARCHED = 20  # of a gap's questions, the newest
GAPS_SEARCHED = 300  # when an article is new, those asked for last
ACTOR = "system:worker"
_LOCK = 0x676170  # advisory lock: two questions alike at the same moment make one gap


def gap_note(*, query_id: str) -> KnowledgeGap | None:
    """Note that nobody knew an answer to a query, once; None when somebody did. Embeds: a worker's work."""
    known = GapQuestion.objects.filter(query=query_id).select_related("gap").first()
    if known is not None:
        return known.gap
    asked = asked_get(query_id=query_id)
    if asked is None or not asked.unknown:
        return None
    text = personal_remove(question_of(asked.question), asked.personal).text[:MAX_QUESTION_CHARS]
    embedder = embedder_get()
    [vector] = embedder.embed_texts([text])
    try:
        return _join(asked, text, vector, embedder.model)
    except IntegrityError:  # another worker has noted this query
        return GapQuestion.objects.select_related("gap").get(query=query_id).gap


@transaction.atomic
def _join(asked: Asked, text: str, vector: np.ndarray, model: str) -> KnowledgeGap:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    gap = _alike(vector, model) or KnowledgeGap.objects.create(
        question=text, category=asked.category, embedding=vector, embedding_model=model, first_at=asked.at
    )
    GapQuestion.objects.create(gap=gap, query_id=asked.query_id, text=text, at=asked.at)
    gap.count, gap.last_at = gap.count + 1, max(gap.last_at, asked.at) if gap.count else asked.at
    if gap.state == State.CLOSED:
        gap.state, gap.closed_at, gap.reopened = State.OPEN, None, gap.reopened + 1
        audit_record(actor=ACTOR, action="gap.reopened", obj=gap, details={"query_id": asked.query_id})
    gap.save()
    return gap


def _alike(vector: np.ndarray, model: str) -> KnowledgeGap | None:
    """The gap whose question is most like it. Vectors of another model are not comparable."""
    near = KnowledgeGap.objects.filter(embedding_model=model).annotate(away=CosineDistance("embedding", vector))
    return near.filter(away__lte=1 - ALIKE_FROM).order_by("away").first()


def gaps_recheck() -> int:
    """For every article that has become ready since: search again for the questions of open gaps, and close those it
    answers. How many were closed. Embeds: a worker's work."""
    closed = 0
    for proposal in articles_to_check():
        if not version_is_ready(version_id=proposal.version_id):
            continue  # not read yet, or it failed, which its page in the knowledge base tells
        closed += sum(gap_search(gap=gap, proposal=proposal) for gap in _open_gaps())
        ArticleProposal.objects.filter(pk=proposal.pk).update(gaps_checked=True)
    return closed


def _open_gaps() -> QuerySet[KnowledgeGap]:
    return KnowledgeGap.objects.filter(state=State.OPEN).order_by("-last_at")[:GAPS_SEARCHED]


def gap_search(*, gap: KnowledgeGap, proposal: ArticleProposal) -> bool:
    """Search for the newest questions of a gap as a run does; it closes when each finds the article. Whether it did."""
    texts = list(gap.questions.values_list("text", flat=True)[:SEARCHED])
    found = sum(_is_found(text, proposal.document_id) for text in texts)
    with transaction.atomic():
        locked = KnowledgeGap.objects.select_for_update(of=("self",)).get(pk=gap.pk)
        if found or gap.pk == proposal.gap_id:  # what an article about something else leaves as it was tells nothing
            locked.found, locked.searched, locked.checked_at = found, len(texts), timezone.now()
        closes = bool(texts) and found == len(texts) and locked.state == State.OPEN and locked.count == gap.count
        if closes:
            locked.state, locked.closed_at, locked.closed_by = State.CLOSED, timezone.now(), proposal
            details = {"proposal_id": proposal.pk, "questions": len(texts)}
            audit_record(actor=ACTOR, action="gap.closed", obj=locked, details=details)
        locked.save()
    return closes


def _is_found(text: str, document_id: str) -> bool:
    """What only staff may read answers no customer. That something else was found did not answer them before."""
    found = knowledge_search(query=text, limit=FOUND_AMONG, audience="customer", min_relevance=RELEVANCE_FLOOR)
    return any(passage.document_id == document_id for passage in found)


def gaps_forget() -> int:
    """Closed gaps that nobody has asked for in a year; how many."""
    old = KnowledgeGap.objects.filter(state=State.CLOSED, last_at__lt=timezone.now() - timedelta(days=365))
    return old.delete()[0]
