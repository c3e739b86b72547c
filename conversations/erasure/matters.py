"""What is still open when a customer has their data deleted: told before, and ended with it."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from conversations.erasure.scope import ErasureScope
from conversations.models import Conversation, Customer, Delivery, Escalation, FollowUp, Message, Query
from conversations.services.messages import message_append
from conversations.services.status import conversation_resolve
from conversations.words import DEFAULT, word
from conversations.work.endings import queries_end

REASON = "The customer has had their data deleted."


def matters_open(customer: Customer) -> list[Conversation]:
    """The conversations of `customer` in which somebody still owes an answer or a deed, with the latter in
    `promises`."""
    owed = Q(escalations__state__in=Escalation.ACTIVE) | Q(queries__status__in=Query.PENDING)
    promised = Q(follow_ups__state=FollowUp.State.OPEN)
    found = Conversation.objects.filter(owed | promised, customer=customer).distinct().order_by("-updated_at")
    return [_with_promises(conversation) for conversation in found]


def _with_promises(conversation: Conversation) -> Conversation:
    promises = FollowUp.objects.filter(conversation=conversation, state=FollowUp.State.OPEN)
    conversation.promises = [promise.what for promise in promises]  # type: ignore[attr-defined]
    return conversation


def matters_end(scope: ErasureScope) -> None:
    """End what is open in the conversations of `scope`, which are locked, and note for colleagues why."""
    now = timezone.now()
    open_ones = {conversation.pk for pk in scope.customers for conversation in matters_open(Customer(pk=pk))}
    for conversation in Conversation.objects.filter(pk__in=scope.conversations):
        if conversation.pk in open_ones:
            _note(conversation)
            _queries_end(conversation)
        conversation_resolve(conversation=conversation)
    escalations = Escalation.objects.filter(conversation__in=scope.conversations, state__in=Escalation.ACTIVE)
    escalations.update(
        state=Escalation.State.CLOSED, closed_at=now, waiting_since=None, response_due_at=None, snoozed_until=None
    )
    promises = FollowUp.objects.filter(conversation__in=scope.conversations, state=FollowUp.State.OPEN)
    promises.update(state=FollowUp.State.CANCELLED, closed_at=now)
    _deliveries_end(scope.queries)


def _note(conversation: Conversation) -> None:
    said = Message.objects.filter(conversation=conversation).select_related("channel").order_by("-seq").first()
    if said is not None:
        message_append(
            conversation=conversation,
            direction=Message.Direction.NOTE,
            author=Message.Author.SYSTEM,
            channel=said.channel,
            text=word(DEFAULT, "notice", "erased"),
        )


def _queries_end(conversation: Conversation) -> None:
    """Whoever works on one finds its claim gone, and stores nothing."""
    pending = Query.objects.filter(conversation=conversation, status__in=Query.PENDING).order_by("message__seq")
    queries = list(pending.select_related("message", "channel"))
    if queries:
        queries_end(queries=queries, status=Query.Status.IGNORED, reason=REASON)


def _deliveries_end(queries: Iterable[str]) -> None:
    """What would still go to the customer does not. The systems that sent the queries are told how they ended."""
    theirs = Delivery.objects.filter(query__in=queries, kind=Delivery.Kind.MAIL)
    waiting = theirs.filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING])
    waiting.update(state=Delivery.State.FAILED, lease_until=None)
