"""From a consultant's answer to an article of the knowledge base, by way of somebody who may decide.

An article is proposed without personal data, shown beside what is known already, changed, and approved or rejected.
Approved it is handed to the knowledge base like any other file, known by the proposal's id, so that approving twice
makes one document.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from agents.privacy import personal_find
from conversations.answering.answered import Answered, answered_get
from feedback.errors import AlreadyDecided, NothingToLearn, ProposalNotFound
from feedback.learning.cleaning import body_of, personal_remove, question_of, title_of, with_names
from feedback.models import ArticleProposal, GapQuestion
from knowledge.audiences import audience_of
from knowledge.selectors import knowledge_search
from knowledge.services import upload_create
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue
from omnicqm.common.text import line_clean, text_clean

State = ArticleProposal.State
MAX_TITLE, MAX_QUESTION, MAX_ANSWER, MAX_REASON = 200, 2_000, 20_000, 500
NEAR_LIMIT, NEAR_FROM = 5, 0.4  # what is less relevant says something else
SAME_FROM = 0.85  # from there on the knowledge base most likely says it already
TASK = "feedback.article_compare"


@dataclass(frozen=True)
class Wording:
    """What an editor wants an article to say, and to whom: ``customer`` or ``internal``."""

    title: str
    question: str
    answer: str
    audience: str = "customer"


def article_propose(*, message_id: str, user: Any) -> ArticleProposal:
    """A proposal made of the consultant's reply `message_id`; the one there is, if there is one.

    What it would double is looked for by a worker (`article_compare`). Raises `NothingToLearn` when no consultant wrote
    that message, or it says nothing.
    """
    known = ArticleProposal.objects.filter(message=message_id).first()
    if known is not None:
        return known
    answered = answered_get(message_id=message_id)
    if answered is None:
        raise NothingToLearn("Articles are made of consultants' replies; this is none.", param="message_id")
    wording, taken = _wording(answered)
    try:
        return _store(answered, wording, taken, user)
    except IntegrityError:  # the same moment, twice
        return ArticleProposal.objects.get(message=message_id)


def _wording(answered: Answered) -> tuple[Wording, dict[str, int]]:
    personal = with_names(answered.personal, answered.consultant)
    body = personal_remove(body_of(answered.text, signed=answered.consultant), personal)
    question = personal_remove(question_of(answered.question), personal)
    title = personal_remove(title_of(question.text, answered.subject), personal)
    if not body.text.strip():
        raise NothingToLearn("This reply says nothing that an article could say.", param="message_id")
    taken = {kind: body.taken.get(kind, 0) + question.taken.get(kind, 0) for kind in {**body.taken, **question.taken}}
    wording = Wording(title.text[:MAX_TITLE], question.text[:MAX_QUESTION], body.text[:MAX_ANSWER])
    return wording, taken


@transaction.atomic
def _store(answered: Answered, wording: Wording, taken: dict[str, int], user: Any) -> ArticleProposal:
    asked = GapQuestion.objects.filter(query__reply=answered.message_id).select_related("gap").first()
    proposal = ArticleProposal.objects.create(
        message_id=answered.message_id,
        gap=asked.gap if asked else None,
        title=wording.title,
        question=wording.question,
        answer=wording.answer,
        taken_out=taken,
        proposed_by=user,
    )
    details = {"message_id": answered.message_id, "taken_out": sum(taken.values())}
    audit_record(actor=f"user:{user.pk}", action="article.proposed", obj=proposal, details=details)
    task_enqueue(TASK, proposal.pk)
    return proposal


def article_compare(*, proposal_id: str) -> None:
    """Look for what the knowledge base says already about what a proposal says. Embeds: a worker's work."""
    proposal = ArticleProposal.objects.filter(pk=proposal_id, state=State.PROPOSED).first()
    if proposal is None:
        return
    query = f"{proposal.title}\n{proposal.question}"[:1_000]
    found = knowledge_search(query=query, limit=NEAR_LIMIT, audience="internal", min_relevance=NEAR_FROM)
    near = [
        {
            "document_id": passage.document_id,
            "title": passage.title,
            "heading": passage.heading,
            "text": passage.text[:400],
            "relevance": round(passage.relevance, 3),
            "internal": passage.internal,
        }
        for passage in found
    ]
    ArticleProposal.objects.filter(pk=proposal.pk).update(near=near, near_at=timezone.now())


def articles_uncompared() -> QuerySet[ArticleProposal, str]:
    """Proposals nobody has looked for doubles of yet: whoever was woken for it did not come."""
    waiting = ArticleProposal.objects.filter(state=State.PROPOSED, near_at=None)
    return waiting.filter(created_at__lt=timezone.now() - timedelta(seconds=30)).values_list("pk", flat=True)


@transaction.atomic
def article_change(*, proposal_id: str, wording: Wording, user: Any) -> ArticleProposal:
    """Say it in other words. Raises `ProposalNotFound`, `AlreadyDecided`, `InvalidInput` naming the field."""
    proposal = _locked(proposal_id)
    wording = _checked(wording)
    asks_anew = (proposal.title, proposal.question) != (wording.title, wording.question)
    for name in ("title", "question", "answer", "audience"):
        setattr(proposal, name, getattr(wording, name))
    proposal.save(update_fields=["title", "question", "answer", "audience"])
    audit_record(actor=f"user:{user.pk}", action="article.changed", obj=proposal)
    if asks_anew:
        task_enqueue(TASK, proposal.pk)
    return proposal


def article_approve(*, proposal_id: str, wording: Wording, user: Any, ours: bool = False) -> ArticleProposal:
    """Put it into the knowledge base as `wording` says; search finds it once a worker has read it, and then the gaps
    it answers close.

    Refuses what still looks personal unless the editor says that the data is the company's own (`ours`), and what is
    known of the customer whose case it was always. Raises `ProposalNotFound`, `AlreadyDecided`, `InvalidInput`.
    """
    wording = _checked(wording)
    with transaction.atomic():
        proposal = _locked(proposal_id)
        _personal_refuse(proposal, wording, ours)
        receipt = upload_create(
            data=_markdown(wording).encode(),
            name=f"{proposal.pk}.md",
            source="console",
            actor=f"user:{user.pk}",
            title=wording.title,
            external_id=f"article/{proposal.pk}",
            audience=audience_of(wording.audience),
        )
        for name in ("title", "question", "answer", "audience"):
            setattr(proposal, name, getattr(wording, name))
        proposal.document_id, proposal.version_id = receipt.documents[0].pk, receipt.versions[0].pk
        _decide(proposal, State.APPROVED, user)
    return proposal


@transaction.atomic
def article_reject(*, proposal_id: str, reason: str, user: Any) -> ArticleProposal:
    """It becomes no article, for `reason`. Raises `ProposalNotFound`, `AlreadyDecided`, `InvalidInput`."""
    reason = line_clean(reason)
    if not reason or len(reason) > MAX_REASON:
        raise InvalidInput(f"Say in at most {MAX_REASON} characters why it becomes no article.", param="reason")
    proposal = _locked(proposal_id)
    proposal.reason = reason
    _decide(proposal, State.REJECTED, user)
    return proposal


def _decide(proposal: ArticleProposal, state: ArticleProposal.State, user: Any) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, user, timezone.now()
    proposal.save()
    details = {"document_id": proposal.document_id} if proposal.document_id else {}
    audit_record(actor=f"user:{user.pk}", action=f"article.{state}", obj=proposal, details=details)


def _locked(proposal_id: str) -> ArticleProposal:
    proposal = ArticleProposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if proposal is None:
        raise ProposalNotFound("There is no such proposal.")
    if proposal.state != State.PROPOSED:
        raise AlreadyDecided("Somebody has decided about this one already.")
    return proposal


def _checked(wording: Wording) -> Wording:
    clean = Wording(
        line_clean(wording.title),
        text_clean(wording.question).strip(),
        text_clean(wording.answer).strip(),
        wording.audience,
    )
    for name, most in (("title", MAX_TITLE), ("question", MAX_QUESTION), ("answer", MAX_ANSWER)):
        text = getattr(clean, name)
        if not text and name != "question":
            raise InvalidInput(f"The {name} is missing.", param=name)
        if len(text) > most:
            raise InvalidInput(f"The {name} may have at most {most:,} characters.", param=name)
    audience_of(clean.audience)
    return clean


def _personal_refuse(proposal: ArticleProposal, wording: Wording, ours: bool) -> None:
    answered = answered_get(message_id=proposal.message_id) if proposal.message_id else None
    for name in ("title", "question", "answer"):
        text = getattr(wording, name)
        theirs = personal_remove(text, answered.personal).taken if answered else {}
        if any(theirs.get(kind) for kind in ("NAME", "ADDRESS", "ACCOUNT")):
            raise InvalidInput(f"The {name} names the customer whose case this was. Take that out.", param=name)
        if not ours and (found := personal_find(text)):
            told = f"“{found[0].value}” looks personal. Take it out, or confirm that it is the company's own."
            raise InvalidInput(told, param=name, code="personal")


def _markdown(wording: Wording) -> str:
    """The heading is the title; the question stands where search weighs it."""
    asked = f"## {line_clean(wording.question)}\n\n" if wording.question else ""
    return f"# {wording.title}\n\n{asked}{wording.answer}\n"


def articles_to_check() -> QuerySet[ArticleProposal]:
    """Approved proposals whose gaps have not been searched again since, the oldest first."""
    return ArticleProposal.objects.filter(state=State.APPROVED, gaps_checked=False).order_by("created_at")
