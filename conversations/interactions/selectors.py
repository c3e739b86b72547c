"""Reads of interactions: the history of one customer."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from conversations.identity.normalise import account_normalise
from conversations.interactions.types import History, HistoryEvent, HistoryWindow
from conversations.models import Conversation, Identity, Interaction, Query
from omnicqm.common.connections import connection_release
from omnicqm.common.errors import InvalidInput

_COLUMNS = (
    *("id", "occurred_at", "channel", "author", "intent", "detail", "external_id"),
    *("message__text", "message__query__run__intent"),
    *("message__conversation__reference", "message__conversation__status"),
)
_RESOLVED = {Conversation.Status.RESOLVED: True, Conversation.Status.WITH_CONSULTANT: False}


def history_read(*, account_number: str, days: int, limit: int, channels: Sequence[str] = ()) -> History:
    """The newest interactions of the customer with this account, of the last `days` days, at most `limit`.

    `channels` are labels in any case. A DynamoDB table that settings name is read beside our own rows; when it fails,
    `query` says so and the rest is returned. What is not one of a customer's accounts, or none at all, has no events.
    """
    until = timezone.now()
    window = HistoryWindow(until - timedelta(days=days), until, limit, tuple(channels))
    try:
        account = account_normalise(account_number)
    except InvalidInput:
        return _history("", window, (), {})
    customer_id = _customer_of(account)
    events, told = _events(customer_id, window) if customer_id else (), {}
    if settings.HISTORY_TABLE["name"]:
        # Web processes do without the client of AWS where no table is read.
        dynamodb = import_module("conversations.interactions.dynamodb")
        accounts = _accounts(customer_id, account)
        connection_release()
        read = dynamodb.table_read(dynamodb.table_configured(), accounts, window)
        events, told = _together(events, read.events, limit), {"table": read.told}
    return _history(customer_id, window, events, told)


def events_digest(events: Sequence[HistoryEvent], incomplete: str = "") -> str:
    """SHA-256, in hexadecimal, over everything that is read of `events`, and over what could not be read."""
    told: list[list[object]] = [[incomplete]] if incomplete else []
    told += [[event.id, event.at.isoformat(), *_words(event), event.resolved] for event in events]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _words(event: HistoryEvent) -> list[str]:
    return [event.channel, event.author, event.intent, event.text, event.reference, event.external_id]


def _customer_of(account: str) -> str:
    found = Identity.objects.filter(kind=Identity.Kind.ACCOUNT, value=account)
    return found.values_list("customer_id", flat=True).first() or ""


def _accounts(customer_id: str, asked: str) -> list[str]:
    """All accounts of the customer, the one that was asked for first."""
    theirs = Identity.objects.filter(kind=Identity.Kind.ACCOUNT, customer=customer_id or None).exclude(value=asked)
    return [asked, *theirs.values_list("value", flat=True)]


def _together(ours: Sequence[HistoryEvent], table: Sequence[HistoryEvent], limit: int) -> tuple[HistoryEvent, ...]:
    """The newest of both, oldest first; what was imported from the table as well counts once."""
    known = {(event.channel.lower(), event.external_id) for event in ours if event.external_id}
    new = [event for event in table if (event.channel.lower(), event.external_id) not in known]
    return tuple(sorted([*ours, *new], key=lambda event: (event.at, event.id))[-limit:])


def _events(customer_id: str, window: HistoryWindow) -> tuple[HistoryEvent, ...]:
    newest = _found(customer_id, window).values(*_COLUMNS)[: window.limit]
    return tuple(_event(row) for row in reversed(newest))


def _found(customer_id: str, window: HistoryWindow) -> QuerySet[Interaction]:
    """Automatic mails, such as notices of absence, were ignored and say nothing."""
    found = Interaction.objects.filter(customer=customer_id, occurred_at__range=(window.since, window.until))
    if window.channels:
        labels = [label.strip().lower() for label in window.channels]
        found = found.annotate(label=Lower("channel")).filter(label__in=labels)
    heard = Q(message__query__isnull=True) | ~Q(message__query__status=Query.Status.IGNORED)
    return found.filter(heard).order_by("-occurred_at", "-id")


def _event(row: dict[str, Any]) -> HistoryEvent:
    return HistoryEvent(
        id=row["id"],
        at=row["occurred_at"],
        channel=row["channel"],
        author=row["author"],
        intent=row["intent"] or row["message__query__run__intent"] or "",
        text=row["detail"] or row["message__text"] or "",
        reference=row["message__conversation__reference"] or "",
        resolved=_RESOLVED.get(row["message__conversation__status"]),
        external_id=row["external_id"],
    )


def _history(
    customer_id: str, window: HistoryWindow, events: tuple[HistoryEvent, ...], told: dict[str, Any]
) -> History:
    query = {
        "customer_id": customer_id,
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "limit": window.limit,
        "channels": list(window.channels),
        "found": len(events),
        **told,
    }
    incomplete = "table" if "failed" in told.get("table", {}) else ""  # in whatever way
    return History(customer_id, window, events, query, events_digest(events, incomplete), incomplete)
