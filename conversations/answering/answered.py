"""What people answered themselves, beside what the agent had suggested: for those who learn from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from agents.types import Factor
from conversations.answering.request import personal_of
from conversations.escalations.drafts import NO_DRAFT, NO_KEY, Draft, draft_find, drafts_of
from conversations.models import Escalation, Message, Query
from conversations.selectors import customer_get, customer_is_erased

MAX_QUESTION_CHARS = 1_000


@dataclass(frozen=True)
class Suggested:
    """What the agent suggested for an escalation: a draft, which one of the case it is (`key`, as in
    `conversations.escalations.drafts`), and the run that wrote it. In the shadow runs write no draft: `shadow` says
    what the agent would have decided, `silent` what it would have written, in the run `silent_run_id`."""

    draft: str = ""
    key: str = NO_KEY
    run_id: str | None = None
    model: str = ""
    prompt_version: str = ""
    shadow: str = ""
    silent: str = ""
    silent_run_id: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """What was suggested for an escalation, what it is about, and whether a person has replied."""

    suggested: Suggested
    category: str
    is_answered: bool


@dataclass(frozen=True)
class Asked:
    """What a customer asked. `personal` is data of the customer by kind, as in `agents.types.RunRequest`; `unknown`
    says that the agent found no knowledge for it."""

    query_id: str
    question: str
    category: str
    at: datetime
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: bool = False


@dataclass(frozen=True)
class Answered:
    """A consultant's reply to an escalation, with what it answers and what had been suggested."""

    escalation_id: str
    message_id: str
    text: str
    subject: str
    question: str
    category: str
    language: str
    consultant_id: int | None
    consultant: str
    at: datetime
    suggested: Suggested
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def answered_get(*, message_id: str) -> Answered | None:
    """The reply `message_id`; None when no consultant wrote it in answer to an escalation, or its customer has had
    their data deleted."""
    message = _replies().select_related("conversation", "consultant").filter(pk=message_id).first()
    if message is None or customer_is_erased(message.conversation.customer_id):
        return None
    escalation = _escalation_of(message)
    if escalation is None:
        return None
    user = message.consultant
    return Answered(
        escalation_id=escalation.pk,
        message_id=message.pk,
        text=message.text,
        subject=escalation.packet.get("subject") or message.conversation.subject,
        question=_question(message, escalation),
        category=message.conversation.category or escalation.packet.get("category", ""),
        language=escalation.packet.get("language", ""),
        consultant_id=message.consultant_id,
        consultant=user.get_full_name() if user else "",
        at=message.created_at,
        suggested=suggested_of(escalation, before_seq=message.seq, key=message.metadata.get("draft", "")),
        personal=personal_of(customer_get(customer_id=message.conversation.customer_id)),
    )


def answer_of(*, escalation_id: str) -> str | None:
    """The id of the reply to an escalation, the last one; None when there is none."""
    return Escalation.objects.filter(pk=escalation_id).values_list("reply_id", flat=True).first()


def answered_between(*, since: datetime, until: datetime) -> QuerySet[Message, str]:
    """The ids of consultants' replies between the two, the newest first."""
    written = _replies().filter(created_at__gte=since, created_at__lt=until)
    return written.order_by("-created_at").values_list("pk", flat=True)


def suggestion_get(*, escalation_id: str, draft_key: str = "") -> Suggestion | None:
    """What was suggested for an escalation: the draft of that key, else the newest; None for one unknown."""
    escalation = _escalations().filter(pk=escalation_id).first()
    if escalation is None:
        return None
    answered = escalation.reply_id is not None
    suggested = suggested_of(escalation, key=draft_key)
    return Suggestion(suggested, escalation.conversation.category, is_answered=answered)


def suggested_of(escalation: Escalation, *, before_seq: int | None = None, key: str = "") -> Suggested:
    """The draft `key`; where nobody knows which one was shown, the newest: of the last message of the customer that has
    one, else the escalation's own. Where runs wrote none, what the last one wrote in the shadow. With `before_seq` only
    what was written for messages before that one.
    """
    written = _written(escalation, before_seq)
    drafts = [(draft, run) for draft, run in written if draft.text]
    draft, run = _of_key(escalation, key) if key else drafts[-1] if drafts else (NO_DRAFT, None)
    told = Suggested(
        draft=draft.text,
        key=draft.key,
        run_id=run.pk if run else None,
        model=run.model_used if run else draft.model,
        prompt_version=run.prompt_version if run else "",
    )
    silent = None if drafts else next((run for _, run in reversed(written) if run is not None), None)
    if silent is None or not silent.shadow:
        return told
    return replace(told, shadow=silent.shadow, silent=silent.reply_text, silent_run_id=silent.pk)


def _of_key(escalation: Escalation, key: str) -> tuple[Draft, Any]:
    draft = draft_find(escalation, key) or Draft(key)  # one whose text is gone
    return draft, next((run for one, run in _written(escalation, None) if one.key == draft.key), None)


def _written(escalation: Escalation, before_seq: int | None) -> list[tuple[Draft, Any]]:
    """Drafts with their runs, the oldest first: of the escalation, then of what the customer wrote since."""
    own, *later = drafts_of(escalation)
    notes: list[Mapping[str, Any]] = escalation.packet.get("follow_ups", [])
    asked = [query_id for note in notes for query_id in note.get("query_ids", ())]
    queries = Query.objects.select_related("run").filter(pk__in=asked)
    if before_seq is not None:
        queries = queries.filter(message__seq__lt=before_seq)
    runs = {query.pk: query.run for query in queries}
    found = [(draft, note.get("query_ids", ())) for draft, note in zip(later, notes, strict=True)]
    if before_seq is not None:
        found = [(draft, query_ids) for draft, query_ids in found if not runs.keys().isdisjoint(query_ids)]
    joined = [(draft, next(map(runs.get, reversed(query_ids)), None)) for draft, query_ids in found]
    return [(own, escalation.query.run), *joined]


def asked_get(*, query_id: str) -> Asked | None:
    """What the query asked; None when there is none, or its customer has had their data deleted."""
    query = Query.objects.select_related("message", "run", "conversation").filter(pk=query_id).first()
    if query is None or customer_is_erased(query.conversation.customer_id):
        return None
    customer = customer_get(customer_id=query.conversation.customer_id)
    text, subject = query.message.text, query.message.subject
    return Asked(
        query_id=query.pk,
        question=(f"{subject}\n\n{text}" if subject and subject not in text else text)[:MAX_QUESTION_CHARS],
        category=(query.run.category if query.run else "") or query.conversation.category,
        at=query.created_at,
        personal=personal_of(customer),
        unknown=query.run is not None and Factor.NO_KNOWLEDGE in query.run.factors,
    )


def unknown_between(*, since: datetime, until: datetime) -> QuerySet[Query, str]:
    """The ids of the queries, ended between the two, for which the agent found no knowledge; the newest first."""
    ended = Query.objects.filter(finished_at__gte=since, finished_at__lt=until, answered_with=None)
    unknown = ended.filter(run__factors__has_key=Factor.NO_KNOWLEDGE.value)
    return unknown.order_by("-finished_at").values_list("pk", flat=True)


def _replies() -> QuerySet[Message]:
    return Message.objects.filter(author=Message.Author.CONSULTANT, direction=Message.Direction.OUTBOUND)


def _escalations() -> QuerySet[Escalation]:
    return Escalation.objects.select_related("query__run", "conversation")


def _escalation_of(message: Message) -> Escalation | None:
    """A conversation has one active escalation at a time: that which was opened last before the reply."""
    before = _escalations().filter(conversation=message.conversation_id, created_at__lte=message.created_at)
    return before.order_by("-created_at").first()


def _question(message: Message, escalation: Escalation) -> str:
    """All that the reply answers, the oldest first."""
    answered = Query.objects.filter(reply=message).select_related("message").order_by("message__seq")
    texts = [query.message.text for query in answered] or [escalation.packet.get("question", "")]
    return "\n\n".join(texts)
