"""From the agent to people."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.types import RunResult
from conversations.deliveries.threading import reply_fields
from conversations.desk.routing import consultant_for, queue_key_for
from conversations.desk.targets import target_for
from conversations.escalations.clocks import clocks_start
from conversations.escalations.events import escalation_announce
from conversations.escalations.packet import findings, packet_build, question_of
from conversations.escalations.priority import priority_for, summary_line
from conversations.models import Conversation, Customer, Escalation, Message, Query
from conversations.rendering import markdown_to_html
from conversations.selectors import customer_get
from conversations.services.messages import message_append
from conversations.services.status import conversation_hand_to_people
from conversations.sources import sources_show
from conversations.words import DEFAULT, language_known, word
from conversations.work.endings import queries_end
from omnicqm.common.services import audit_record

WORKER = "system:worker"
NO_RESULT_REASON = "agent_unavailable"

State = Escalation.State


class Obstacle(StrEnum):
    """Why a reply that the agent had decided to send was held back, in the reasons' own terms."""

    HUMAN_TOOK_OVER = "human_took_over"
    OUTPUT_INVALID = "output_invalid"
    REPLY_LIMIT = "reply_limit"
    PEOPLE_ONLY = "people_only"


_EXPLANATIONS: Mapping[Obstacle, str] = {
    Obstacle.HUMAN_TOOK_OVER: "A person took over before the reply could go out.",
    Obstacle.OUTPUT_INVALID: "The agent's reply could not be used.",
    Obstacle.PEOPLE_ONLY: "Only people answer at the moment.",
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
    agent found out, None when it could not work; `obstacle` says what held its reply back. A new one is routed: to its
    queue, and to a consultant where the queue is balanced. Call with the conversation locked.
    """
    active = _active(conversation)
    if active is not None:
        _follow_up(active, queries, result)
        return active
    customer = customer_get(customer_id=conversation.customer_id)
    escalation = _create(conversation, customer, queries, result, obstacle)
    # Who was given it has not taken it up yet: the customer is told of a person only when one is there.
    conversation_hand_to_people(conversation=conversation)
    # Somebody who took over is in touch with the customer already.
    notice = None if conversation.taken_over_by_id else _notice_append(conversation, queries[-1])
    _queries_escalate(queries, queries[-1], result, notice)
    audit_record(actor=WORKER, action="escalation.opened", obj=escalation, details={"query_id": queries[-1].pk})
    escalation_announce(escalation, "opened", user_id=escalation.assignee_id)
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
    category = conversation.category or (result.category if result else "")
    reasons, explanation = _reasons(result, obstacle)
    target = target_for(category=category, service_level=customer.service_level)
    escalation = Escalation(
        query=queries[-1],
        conversation=conversation,
        queue=queue_key_for(category),
        priority=priority_for(customer=customer, target=target, result=result, category=category),
        language=((result.language if result else "") or customer.language)[:10],
        summary=summary_line(queries, result),
        reasons=reasons,
        factors=[factor for factor, finding in result.factors.items() if finding.count] if result else [],
        score=result.score if result else None,
        explanation=explanation,
        draft=result.reply_text if result else "",
        draft_sources=sources_show(result),
        packet=packet_build(queries=queries, customer=customer, result=result),
    )
    clocks_start(escalation, target, now=timezone.now())
    _assignee_choose(escalation, conversation, category)
    escalation.save(force_insert=True)
    return escalation


def _assignee_choose(escalation: Escalation, conversation: Conversation, category: str) -> None:
    """Who has taken the conversation over has it; else the one whom routing finds, if any."""
    consultant = None if conversation.taken_over_by_id else consultant_for(escalation, category=category)
    escalation.assignee_id = consultant.user_id if consultant else conversation.taken_over_by_id
    escalation.state = State.ASSIGNED if escalation.assignee_id else State.OPEN


def _reasons(result: RunResult | None, obstacle: Obstacle | None) -> tuple[list[str], str]:
    if obstacle is not None:
        return [obstacle], _EXPLANATIONS[obstacle]
    if result is None:
        return [NO_RESULT_REASON], "The agent could not work on this query."
    return list(result.reasons), result.explanation


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
        written = {"draft": result.reply_text, "draft_sources": sources_show(result), "score": result.score}
        note |= {**written, **findings(result)}
    active.packet["follow_ups"] = [*active.packet.get("follow_ups", []), note]
    active.summary = summary_line(queries, result) if result is not None and result.summary else active.summary
    active.save(update_fields=["packet", "summary"])
    _queries_escalate(queries, active.query, result, None)
    audit_record(actor=WORKER, action="escalation.followed_up", obj=active, details={"query_id": queries[-1].pk})
    escalation_announce(active, "followed_up")


def _queries_escalate(
    queries: Sequence[Query], covered_by: Query, result: RunResult | None, notice: Message | None
) -> None:
    run_id = result.run_id if result else None
    queries_end(queries=queries, status=Query.Status.ESCALATED, message=notice, run_id=run_id, covered_by=covered_by)
