"""How queries end: one UPDATE, and the news of it to whoever sent them."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from conversations.deliveries.services import callback_create, reply_carry
from conversations.models import Message, Query
from omnicqm.common.events import event_publish

# What the sender of a query is told, by the status it ended in.
DELIVERY_EVENTS: Mapping[str, str] = {
    Query.Status.ANSWERED: "query.answered",
    Query.Status.CLARIFICATION: "query.clarification",
    Query.Status.ESCALATED: "query.escalated",
    Query.Status.IGNORED: "query.ignored",
    Query.Status.FAILED: "query.failed",
}
# What the apps on our right are told.
_INTERNAL_EVENTS: Mapping[str, str] = {
    Query.Status.ANSWERED: "query.answered",
    Query.Status.CLARIFICATION: "query.answered",
    Query.Status.ESCALATED: "query.escalated",
}


def queries_end(
    *,
    queries: Sequence[Query],
    status: Query.Status,
    message: Message | None = None,
    run_id: str | None = None,
    covered_by: Query | None = None,
    reason: str = "",
) -> None:
    """End `queries` (oldest first) in `status` and create the deliveries that tell it. Call inside a transaction.

    `message` is what the customer is told: the reply when the status has one, else a notice (or nothing). It is carried
    on the channel of the last query, the one the customer used last. `covered_by` is the query that the others were
    answered or escalated with.
    """
    _rows_end([query.pk for query in queries], status, message, run_id, reason)
    if covered_by is not None:
        others = [query.pk for query in queries if query.pk != covered_by.pk]
        Query.objects.filter(pk__in=others).update(answered_with=covered_by)
    for query in queries:
        query.refresh_from_db()
    _tell(queries, status, message)


def _rows_end(
    ids: Iterable[str], status: Query.Status, message: Message | None, run_id: str | None, reason: str
) -> None:
    fields: dict[str, object] = {
        "status": status,
        "lease_token": "",
        "lease_until": None,
        "finished_at": timezone.now(),
        "reason": reason,
    }
    if status in (Query.Status.ANSWERED, Query.Status.CLARIFICATION):
        fields["reply"] = message
    if run_id is not None:
        fields["run_id"] = run_id
    Query.objects.filter(pk__in=ids).update(**fields)


def _tell(queries: Sequence[Query], status: Query.Status, message: Message | None) -> None:
    for query in queries:
        callback_create(query=query, event=DELIVERY_EVENTS[status], message=message)
        if status in _INTERNAL_EVENTS:
            event_publish(_INTERNAL_EVENTS[status], query_id=query.pk)
    if message is not None:
        reply_carry(query=queries[-1], event=DELIVERY_EVENTS[status], message=message)
        if status in (Query.Status.ANSWERED, Query.Status.CLARIFICATION):
            event_publish("reply.sent", message_id=message.pk)
