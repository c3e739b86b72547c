"""What runs have written for customers, with what they were asked: for those who read it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q, QuerySet

from agents.types import Decision, Turn
from conversations.answering.history import history_for
from conversations.answering.request import personal_of
from conversations.models import Message, Query
from conversations.selectors import customer_get


@dataclass(frozen=True)
class Written:
    """The text of one run and the question it answers. A reply or a question back was sent, a draft was not.

    `sources` are those of the run, cited by their place from 1. `personal` is data of the customer by kind.
    """

    run_id: str
    kind: Literal["reply", "question", "draft"]
    question: str
    text: str
    sources: list[dict[str, Any]]
    answered_by: str
    history: tuple[Turn, ...] = ()
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def written_get(*, run_id: str) -> Written | None:
    """What the run wrote; None when it wrote nothing, when its text went nowhere, or when there is no such run."""
    queries = Query.objects.filter(run=run_id).exclude(status__in=[*Query.PENDING, Query.Status.IGNORED])
    asked = list(queries.select_related("run", "message", "conversation").order_by("message__seq"))
    run = asked[0].run if asked else None
    if run is None or not run.reply_text.strip() or _is_hidden(run.shadow, asked):
        return None
    first, last = asked[0].message, asked[-1].message
    return Written(
        run_id=run.pk,
        kind=_kind(run.pk, run.decision),
        question=_question([query.message for query in asked]),
        text=run.reply_text,
        sources=run.sources,
        answered_by=run.model_used,
        history=history_for(last, before_seq=first.seq),
        personal=personal_of(customer_get(customer_id=asked[0].conversation.customer_id)),
    )


def _is_hidden(shadow: str, asked: list[Query]) -> bool:
    """What was written in the shadow is told to nobody until a person has answered."""
    return bool(shadow) and any(query.status == Query.Status.ESCALATED for query in asked)


def runs_written(*, since: datetime, until: datetime) -> QuerySet[Query, str]:
    """The ids of the runs whose text went to a customer or to consultants between the two, the newest first."""
    ended = Query.objects.filter(finished_at__gte=since, finished_at__lt=until, run__isnull=False)
    told = ended.exclude(status=Query.Status.IGNORED).exclude(run__reply_text="")
    told = told.exclude(~Q(run__shadow=""), status=Query.Status.ESCALATED)
    return told.order_by("-finished_at").values_list("run_id", flat=True)


def run_of(*, message_id: str = "", query_id: str = "") -> str | None:
    """The run that wrote a message, or that a query was worked on with."""
    if message_id:
        return Message.objects.filter(pk=message_id).values_list("run_id", flat=True).first()
    return Query.objects.filter(pk=query_id).values_list("run_id", flat=True).first()


def _kind(run_id: str, decision: str) -> Literal["reply", "question", "draft"]:
    if not Message.objects.filter(run=run_id, author=Message.Author.ASSISTANT).exists():
        return "draft"
    return "question" if decision == Decision.CLARIFY else "reply"


def _question(messages: list[Message]) -> str:
    subject = messages[-1].subject or messages[0].subject
    text = "\n\n".join(message.text for message in messages)
    return f"{subject}\n\n{text}" if subject and subject not in text else text
