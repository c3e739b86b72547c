"""From the agent to people, and back to the customer.

A conversation has at most one active escalation. What the customer writes while it is active joins it as a follow-up:
its query ends as escalated, covered by the escalation's query, and gets the consultant's reply with it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents.types import RunResult
from conversations.deliveries.threading import reply_fields
from conversations.errors import CustomerWroteAgain, EscalationOver, EscalationTaken
from conversations.escalations.packet import findings, packet_build, question_of
from conversations.models import Conversation, Customer, Escalation, Message, Query
from conversations.rendering import markdown_to_html
from conversations.selectors import customer_get
from conversations.services.messages import message_append
from conversations.services.status import conversation_hand_back, conversation_hand_to_people
from conversations.sources import sources_show
from conversations.words import DEFAULT, language_known, word
from conversations.work.claims import conversation_wake
from conversations.work.endings import queries_end
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

WORKER = "system:worker"
DEFAULT_QUEUE = "general"
NO_RESULT_REASON = "agent_unavailable"
MAX_REPLY_CHARS = 50_000

State = Escalation.State


class Obstacle(StrEnum):
    """Why a reply that the agent had decided to send was held back, in the reasons' own terms."""

    HUMAN_TOOK_OVER = "human_took_over"
    OUTPUT_INVALID = "output_invalid"
    REPLY_LIMIT = "reply_limit"


_EXPLANATIONS: Mapping[Obstacle, str] = {
    Obstacle.HUMAN_TOOK_OVER: "A person took over before the reply could go out.",
    Obstacle.OUTPUT_INVALID: "The agent's reply could not be used.",
    Obstacle.REPLY_LIMIT: "This conversation has had too many automatic replies today.",
}


@transaction.atomic
def escalation_open(
    *,
    conversation: Conversation,
    queries: Sequence[Query],
    result: RunResult | None,
    obstacle: Obstacle | None = None,
) -> Escalation:
    """Hand `queries` (oldest first, answered together) to people and tell the customer that a person will follow.

    Joins the conversation's active escalation if there is one; the customer has been told then. `result` is what the
    agent found out, None when it could not work; `obstacle` says what held its reply back. Call with the conversation
    locked.
    """
    active = _active(conversation)
    if active is not None:
        _follow_up(active, queries, result)
        return active
    customer = customer_get(customer_id=conversation.customer_id)
    escalation = _create(conversation, customer, queries, result, obstacle)
    conversation_hand_to_people(conversation=conversation)
    # Somebody who took over is in touch with the customer already.
    notice = None if conversation.taken_over_by_id else _notice_append(conversation, queries[-1])
    _queries_escalate(queries, queries[-1], result, notice)
    audit_record(actor=WORKER, action="escalation.opened", obj=escalation, details={"query_id": queries[-1].pk})
    return escalation


def _active(conversation: Conversation) -> Escalation | None:
    active = Escalation.objects.filter(conversation=conversation, state__in=Escalation.ACTIVE)
    return active.select_for_update(of=("self",)).select_related("query").order_by("created_at").first()


def _create(
    conversation: Conversation,
    customer: Customer,
    queries: Sequence[Query],
    result: RunResult | None,
    obstacle: Obstacle | None,
) -> Escalation:
    taken_by = conversation.taken_over_by_id
    reasons, explanation = _reasons(result, obstacle)
    return Escalation.objects.create(
        query=queries[-1],
        conversation=conversation,
        state=State.ASSIGNED if taken_by else State.OPEN,
        assignee_id=taken_by,
        queue=conversation.category or (result.category if result else "") or DEFAULT_QUEUE,
        reasons=reasons,
        score=result.score if result else None,
        explanation=explanation,
        draft=result.reply_text if result else "",
        draft_sources=sources_show(result),
        packet=packet_build(queries=queries, customer=customer, result=result),
        due_at=due_at_for(customer),
    )


def _reasons(result: RunResult | None, obstacle: Obstacle | None) -> tuple[list[str], str]:
    if obstacle is not None:
        return [obstacle], _EXPLANATIONS[obstacle]
    if result is None:
        return [NO_RESULT_REASON], "The agent could not work on this query."
    return list(result.reasons), result.explanation


def due_at_for(customer: Customer) -> datetime:
    """When a consultant should have answered a customer of this service level."""
    return timezone.now() + timedelta(hours=settings.ESCALATION_DUE_HOURS[customer.service_level])


def _notice_append(conversation: Conversation, query: Query) -> Message:
    language = language_known(customer_get(customer_id=conversation.customer_id).language) or DEFAULT
    text = word(language, "notice", "handed_over", reference=conversation.reference)
    return message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.SYSTEM,
        channel=query.channel,
        text=text,
        html=markdown_to_html(text),
        **reply_fields(query),
    )


def _follow_up(active: Escalation, queries: Sequence[Query], result: RunResult | None) -> None:
    note: dict[str, Any] = {"query_ids": [query.pk for query in queries], "question": question_of(queries)}
    if result is not None:
        note |= {"draft": result.reply_text, "score": result.score, **findings(result)}
    active.packet["follow_ups"] = [*active.packet.get("follow_ups", []), note]
    active.save(update_fields=["packet"])
    _queries_escalate(queries, active.query, result, None)
    audit_record(actor=WORKER, action="escalation.followed_up", obj=active, details={"query_id": queries[-1].pk})


def _queries_escalate(
    queries: Sequence[Query], covered_by: Query, result: RunResult | None, notice: Message | None
) -> None:
    run_id = result.run_id if result else None
    queries_end(queries=queries, status=Query.Status.ESCALATED, message=notice, run_id=run_id, covered_by=covered_by)


@transaction.atomic
def escalation_claim(*, escalation: Escalation, user: AbstractBaseUser, take_over: bool = False) -> Escalation:
    """Make `user` the one who answers. Claiming what is theirs already changes nothing.

    Raises `EscalationOver`, and `EscalationTaken` when it is another's, unless `take_over`.
    """
    conversation, escalation = _lock(escalation)
    if escalation.assignee_id == user.pk and escalation.state == State.ASSIGNED:
        return escalation
    if not take_over:
        _ours_check(escalation, user)
    escalation.state, escalation.assignee_id = State.ASSIGNED, user.pk
    escalation.save(update_fields=["state", "assignee"])
    conversation_hand_to_people(conversation=conversation, consultant_id=user.pk)
    audit_record(actor=f"user:{user.pk}", action="escalation.claimed", obj=escalation)
    return escalation


@transaction.atomic
def escalation_reply(*, escalation: Escalation, user: AbstractBaseUser, text: str, known_seq: int) -> Message:
    """Send `text` (Markdown) to the customer, on the channel they used last, and close the escalation.

    Answers the escalation's queries and every other one up to message `known_seq`, the newest that `user` has seen; a
    run that is still going on for one of them comes too late then. Raises `InvalidInput` for an empty or endless
    text, `EscalationOver`, `EscalationTaken`, and `CustomerWroteAgain` when there is a newer message of the customer.
    """
    text = _reply_clean(text)
    conversation, escalation = _lock(escalation)
    _ours_check(escalation, user)
    _newest_check(conversation, known_seq)
    queries = _queries_covered(escalation, known_seq)
    message = message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.CONSULTANT,
        consultant_id=user.pk,
        channel=queries[-1].channel,
        text=text,
        html=markdown_to_html(text),
        **reply_fields(queries[-1]),
    )
    escalation.reply, escalation.assignee_id = message, user.pk
    _end(conversation, escalation, State.ANSWERED)
    queries_end(queries=queries, status=Query.Status.ANSWERED, message=message, covered_by=escalation.query)
    audit_record(
        actor=f"user:{user.pk}", action="escalation.answered", obj=escalation, details={"message_id": message.pk}
    )
    return message


def _reply_clean(text: str) -> str:
    text = text_clean(text).strip()
    if not text:
        raise InvalidInput("Write a reply first.", param="text", code="blank")
    if len(text) > MAX_REPLY_CHARS:
        raise InvalidInput(f"A reply has at most {MAX_REPLY_CHARS:,} characters.", param="text")
    return text


def _newest_check(conversation: Conversation, known_seq: int) -> None:
    theirs = Message.objects.filter(conversation=conversation, direction=Message.Direction.INBOUND)
    if theirs.filter(seq__gt=known_seq).exists():
        raise CustomerWroteAgain("The customer has written again. Read the new message before you reply.")


def _queries_covered(escalation: Escalation, known_seq: int) -> list[Query]:
    """The queries that a reply now answers, oldest first; the escalation's own is always among them."""
    joined = Q(answered_with=escalation.query_id, status=Query.Status.ESCALATED)
    pending = Q(conversation=escalation.conversation_id, status__in=Query.PENDING, message__seq__lte=known_seq)
    found = Query.objects.filter(Q(pk=escalation.query_id) | joined | pending)
    return list(found.select_for_update(of=("self",)).select_related("message", "channel").order_by("message__seq"))


@transaction.atomic
def escalation_close(*, escalation: Escalation, user: AbstractBaseUser, reason: str) -> Escalation:
    """End the escalation without a reply; `reason` is kept as an internal note in the conversation.

    The conversation is the agent's again. Raises `InvalidInput` without a reason, `EscalationOver`, `EscalationTaken`.
    """
    reason = _reason_clean(reason)
    conversation, escalation = _lock(escalation)
    _ours_check(escalation, user)
    message_append(
        conversation=conversation,
        direction=Message.Direction.NOTE,
        author=Message.Author.CONSULTANT,
        consultant_id=user.pk,
        channel=escalation.query.channel,
        text=reason,
    )
    _end(conversation, escalation, State.CLOSED)
    audit_record(actor=f"user:{user.pk}", action="escalation.closed", obj=escalation)
    return escalation


def _reason_clean(reason: str) -> str:
    reason = text_clean(reason).strip()
    if not reason or len(reason) > 2_000:
        raise InvalidInput("Say in at most 2,000 characters why no reply is needed.", param="reason")
    return reason


def _lock(escalation: Escalation) -> tuple[Conversation, Escalation]:
    """Conversation first, as everywhere, so that two transactions never wait for each other.

    Raises `EscalationOver` when it is not active any more.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=escalation.conversation_id)
    rows = Escalation.objects.select_for_update(of=("self",)).select_related("query__channel")
    locked = rows.get(pk=escalation.pk)
    if locked.state not in Escalation.ACTIVE:
        raise EscalationOver("This has been answered or closed already.")
    return conversation, locked


def _ours_check(escalation: Escalation, user: AbstractBaseUser) -> None:
    if escalation.state == State.ASSIGNED and escalation.assignee_id != user.pk:
        raise EscalationTaken("A colleague is working on this one. Take it over first.")


def _end(conversation: Conversation, escalation: Escalation, state: Escalation.State) -> None:
    escalation.state, escalation.closed_at = state, timezone.now()
    escalation.save(update_fields=["state", "closed_at", "reply", "assignee"])
    conversation_hand_back(conversation=conversation)
    conversation_wake(conversation.pk)
