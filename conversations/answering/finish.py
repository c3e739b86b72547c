"""How a run's result becomes what the customer sees, in one transaction under the conversation's lock.

The lock also keeps new messages out, so that "the customer wrote again" and "a person took over" are judged on what
holds when the reply is stored.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone

from agents.types import Blocker, Decision, RunResult
from conversations.answering.request import person_has_it
from conversations.crm.noting import case_note_again
from conversations.deliveries.threading import reply_fields
from conversations.escalations.services import Obstacle, escalation_open
from conversations.models import Conversation, Message, Query
from conversations.rendering import markdown_to_html
from conversations.services.messages import message_append
from conversations.services.people_only import people_only_holds_for_sending
from conversations.sources import sources_show
from conversations.work.claims import conversation_wake, newer_query_exists, query_lock
from conversations.work.endings import queries_end
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)

ACTOR = "system:worker"
MAX_REPLIES_A_DAY = 30  # automatic ones in one conversation
_STATUS = {Decision.AUTO_SEND: Query.Status.ANSWERED, Decision.CLARIFY: Query.Status.CLARIFICATION}


class Outcome(Enum):
    SENT = auto()
    ESCALATED = auto()
    STOPPED = auto()  # the customer wanted no reply any more
    SUPERSEDED = auto()  # nothing was stored: the customer wrote again


@transaction.atomic
def query_finish(*, claim: Query, alongside: Sequence[Query], result: RunResult | None, may_yield: bool) -> Outcome:
    """End the claimed query and those alongside with `result`; None means that the agent could not work on them.

    Nothing is stored when `may_yield` and the customer has written again. Raises `LeaseLost` when the claim is no
    longer ours.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=claim.conversation_id)
    query_lock(claim)
    if may_yield and newer_query_exists(claim):
        return Outcome.SUPERSEDED
    queries = [*_still_pending(alongside), claim]
    if result is not None:
        _category_note(conversation, result)
    outcome = _conclude(conversation, queries, result)
    conversation_wake(conversation.pk)
    return outcome


def _category_note(conversation: Conversation, result: RunResult) -> None:
    """The conversation is about what was asked last; to ask for a person is no new matter."""
    is_same_matter = conversation.category and Blocker.ASKED_FOR_PERSON in result.blockers
    if result.category and not is_same_matter:
        conversation.category = result.category
        conversation.save(update_fields=["category"])
        case_note_again([conversation.pk])


def _conclude(conversation: Conversation, queries: Sequence[Query], result: RunResult | None) -> Outcome:
    if result is None or result.decision not in _STATUS:
        escalation_open(conversation=conversation, queries=queries, result=_unseen(result))
        return Outcome.ESCALATED
    if obstacle := _obstacle(conversation, queries[-1].channel_id, result):
        escalation_open(conversation=conversation, queries=queries, result=result, obstacle=obstacle)
        return Outcome.ESCALATED
    return _send(conversation, queries, result)


def _unseen(result: RunResult | None) -> RunResult | None:
    """What consultants may know of a result: in the shadow not what the agent would have written, so that their own
    reply can be compared with it. It is in the run."""
    if result is None or result.shadow is None:
        return result
    return replace(result, reply_text="", sources=())


def _still_pending(alongside: Sequence[Query]) -> list[Query]:
    """A person may have answered some of them meanwhile."""
    ids = [query.pk for query in alongside]
    return list(Query.objects.filter(pk__in=ids, status=Query.Status.RECEIVED).order_by("message__seq"))


def _obstacle(conversation: Conversation, channel_id: str, result: RunResult) -> Obstacle | None:
    """What keeps a reply from going out that the agent has decided to send."""
    if people_only_holds_for_sending(channel_id):
        return Obstacle.PEOPLE_ONLY
    if person_has_it(conversation):
        return Obstacle.HUMAN_TOOK_OVER
    if result.blockers or not result.reply_text.strip():
        return Obstacle.OUTPUT_INVALID
    # Two machines that answer each other would never stop; a person ends it.
    today = conversation.messages.filter(
        author=Message.Author.ASSISTANT, created_at__gt=timezone.now() - timedelta(days=1)
    )
    return Obstacle.REPLY_LIMIT if today.count() >= MAX_REPLIES_A_DAY else None


def _send(conversation: Conversation, queries: Sequence[Query], result: RunResult) -> Outcome:
    last = queries[-1]
    message = message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        channel=last.channel,
        text=result.reply_text,
        html=markdown_to_html(result.reply_text),
        run_id=result.run_id,
        sources=sources_show(result),
        metadata={"model_used": result.model_used},
        **reply_fields(last),
    )
    queries_end(
        queries=queries, status=_STATUS[result.decision], message=message, run_id=result.run_id, covered_by=last
    )
    audit_record(
        actor=ACTOR,
        action=f"query.{_STATUS[result.decision]}",
        obj=last,
        details={"run_id": result.run_id, "message_id": message.pk, "queries": [query.pk for query in queries]},
    )
    return Outcome.SENT


@transaction.atomic
def query_stop(*, claim: Query, alongside: Sequence[Query], run_id: str) -> Outcome:
    """End the queries without a reply, because the customer stopped it. Raises `LeaseLost`."""
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=claim.conversation_id)
    query_lock(claim)
    queries = [*_still_pending(alongside), claim]
    reason = "The customer stopped the reply."
    queries_end(queries=queries, status=Query.Status.IGNORED, run_id=run_id, covered_by=claim, reason=reason)
    audit_record(actor=ACTOR, action="query.stopped", obj=claim, details={"run_id": run_id})
    conversation_wake(conversation.pk)
    return Outcome.STOPPED


@transaction.atomic
def query_fail(*, claim: Query, reason: str) -> None:
    """The last resort, when not even an escalation could be stored: say so to whoever sent it, and loudly in the log.

    Does nothing when the claim is no longer ours.
    """
    held = Query.objects.select_for_update().filter(pk=claim.pk, lease_token=claim.lease_token)
    if not held.exists():
        return
    queries_end(queries=[claim], status=Query.Status.FAILED, reason=reason)
    audit_record(actor=ACTOR, action="query.failed", obj=claim, details={"tries": claim.tries})
    log.error("query_failed", query=claim.pk, tries=claim.tries)
