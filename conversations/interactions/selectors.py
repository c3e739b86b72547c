"""Reads of interactions: the histories of customers."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations.identity.normalise import account_normalise
from conversations.interactions.reading import newest_read
from conversations.interactions.types import History, HistoryAsked, HistoryEvent, HistoryWindow
from conversations.models import Identity
from omnicqm.common.connections import connection_release
from omnicqm.common.errors import InvalidInput


def history_read(*, account_number: str, days: int, limit: int, channels: Sequence[str] = ()) -> History:
    """`histories_read` for one account."""
    return histories_read([HistoryAsked(account_number, days, limit, tuple(channels))])[0]


def histories_read(asked: Sequence[HistoryAsked]) -> list[History]:
    """For each of `asked` the newest interactions of the customer with this account, in one query for all.

    A DynamoDB table that settings name is read beside our own rows, for one account after the other; when it fails,
    `query` says so and the rest is returned. What is not one of a customer's accounts, or none at all, has no events.
    """
    now = timezone.now()
    windows = [HistoryWindow(now - timedelta(days=one.days), now, one.limit, one.channels) for one in asked]
    accounts = [_account(one.account_number) for one in asked]
    found = newest_read(list(zip(accounts, windows, strict=True)))
    return [_with_table(account, window, *own) for account, window, own in zip(accounts, windows, found, strict=True)]


def _account(written: str) -> str:
    """As identities have it; empty, which is nobody's, for what cannot be an account."""
    try:
        return account_normalise(written)
    except InvalidInput:
        return ""


def _with_table(account: str, window: HistoryWindow, customer_id: str, events: tuple[HistoryEvent, ...]) -> History:
    told: dict[str, Any] = {}
    if account and settings.HISTORY_TABLE["name"]:
        # Web processes do without the client of AWS where no table is read.
        dynamodb = import_module("conversations.interactions.dynamodb")
        accounts = _accounts(customer_id, account)
        connection_release()
        read = dynamodb.table_read(dynamodb.table_configured(), accounts, window)
        events, told = _together(events, read.events, window.limit), {"table": read.told}
    return _history(customer_id, window, events, told)


def events_digest(events: Sequence[HistoryEvent], incomplete: str = "") -> str:
    """SHA-256, in hexadecimal, over everything that is read of `events`, and over what could not be read."""
    told: list[list[object]] = [[incomplete]] if incomplete else []
    told += [[event.id, event.at.isoformat(), *_words(event), event.resolved] for event in events]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _words(event: HistoryEvent) -> list[str]:
    return [event.channel, event.author, event.intent, event.text, event.reference, event.external_id]


def _accounts(customer_id: str, asked: str) -> list[str]:
    """All accounts of the customer, the one that was asked for first."""
    theirs = Identity.objects.filter(kind=Identity.Kind.ACCOUNT, customer=customer_id or None).exclude(value=asked)
    return [asked, *theirs.values_list("value", flat=True)]


def _together(ours: Sequence[HistoryEvent], table: Sequence[HistoryEvent], limit: int) -> tuple[HistoryEvent, ...]:
    """The newest of both, oldest first; what was imported from the table as well counts once."""
    known = {(event.channel.lower(), event.external_id) for event in ours if event.external_id}
    new = [event for event in table if (event.channel.lower(), event.external_id) not in known]
    return tuple(sorted([*ours, *new], key=lambda event: (event.at, event.id))[-limit:])


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
