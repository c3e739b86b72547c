"""The newest interactions of many customers, in one statement.

In SQL, because every request for an insight asks this: Django takes longer to put such a question together than
PostgreSQL to answer it, and asks it of one customer at a time.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from conversations.interactions.types import HistoryEvent, HistoryWindow
from conversations.models import Conversation, Identity, Interaction, Message, Query

# The limit is reached over the index of a customer's interactions, before anything is joined: whether the message was
# ignored (automatic mails say nothing) is asked of each row alone. `labels` of NULL stands for all channels.
_NEWEST = """
SELECT asked.place, identity.customer_id, newest.id, newest.occurred_at, newest.channel, newest.author,
       COALESCE(NULLIF(newest.intent, ''), run.intent, ''), COALESCE(NULLIF(newest.detail, ''), message.text, ''),
       COALESCE(conversation.reference, ''), conversation.status, newest.external_id
FROM jsonb_to_recordset(%s::jsonb)
    AS asked(place int, account text, since timestamptz, until timestamptz, most int, labels text[])
JOIN {identity} AS identity ON identity.kind = '{account}' AND identity.value = asked.account
LEFT JOIN LATERAL (
    SELECT * FROM {interaction} AS interaction
    WHERE interaction.customer_id = identity.customer_id
      AND interaction.occurred_at BETWEEN asked.since AND asked.until
      AND (asked.labels IS NULL OR lower(interaction.channel) = ANY (asked.labels))
      AND (SELECT query.status FROM {query} AS query WHERE query.message_id = interaction.message_id)
          IS DISTINCT FROM '{ignored}'
    ORDER BY interaction.occurred_at DESC, interaction.id DESC
    LIMIT asked.most
) AS newest ON true
LEFT JOIN {message} AS message ON message.id = newest.message_id
LEFT JOIN {conversation} AS conversation ON conversation.id = message.conversation_id
LEFT JOIN {query} AS query ON query.message_id = message.id
LEFT JOIN {run} AS run ON run.id = query.run_id
ORDER BY asked.place, newest.occurred_at, newest.id
"""
_RESOLVED = {Conversation.Status.RESOLVED.value: True, Conversation.Status.WITH_CONSULTANT.value: False}

Found = tuple[str, tuple[HistoryEvent, ...]]
NOBODY: Found = ("", ())


def newest_read(asked: Sequence[tuple[str, HistoryWindow]]) -> list[Found]:
    """For each normalised account with its window: the id of its customer, and their events, oldest first.

    An account nobody has is `NOBODY`'s.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [json.dumps([_asked(place, *one) for place, one in enumerate(asked)])])
        found = _by_place(cursor.fetchall())
    return [found.get(place, NOBODY) for place in range(len(asked))]


def _asked(place: int, account: str, window: HistoryWindow) -> dict[str, Any]:
    return {
        "place": place,
        "account": account,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "most": window.limit,
        "labels": [label.strip().lower() for label in window.channels] or None,
    }


def _by_place(rows: Iterable[tuple[Any, ...]]) -> dict[int, Found]:
    customers: dict[int, str] = {}
    events: dict[int, list[HistoryEvent]] = defaultdict(list)
    for place, customer_id, id_, at, channel, author, intent, text, reference, status, external_id in rows:
        customers[place] = customer_id
        if id_ is not None:
            resolved = _RESOLVED.get(status)
            event = HistoryEvent(id_, at, channel, author, intent, text, reference, resolved, external_id)
            events[place].append(event)
    return {place: (customer_id, tuple(events[place])) for place, customer_id in customers.items()}


def _statement() -> str:
    run: Any = Query._meta.get_field("run").related_model  # whose table is another room's
    models = {"identity": Identity, "interaction": Interaction, "message": Message, "conversation": Conversation}
    tables = {name: model._meta.db_table for name, model in (models | {"query": Query, "run": run}).items()}
    return _NEWEST.format(**tables, account=Identity.Kind.ACCOUNT.value, ignored=Query.Status.IGNORED.value)
