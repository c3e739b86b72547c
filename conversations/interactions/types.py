"""A customer's history as insights read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class HistoryEvent:
    """One interaction as it is read. `author` is customer, assistant, consultant or other; `reference` names the
    conversation it belongs to, if it is ours, and `resolved` tells of that whether it is; None when nobody knows."""

    id: str
    at: datetime
    channel: str
    author: str
    intent: str
    text: str
    reference: str
    resolved: bool | None
    external_id: str


@dataclass(frozen=True)
class HistoryAsked:
    """Whose history is wanted: of the last `days` days, at most the `limit` newest interactions, on `channels` (labels
    in any case; empty: on all)."""

    account_number: str
    days: int
    limit: int
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class HistoryWindow:
    """What was asked for: from `since` to `until`, at most the `limit` newest, on `channels` (empty: on all)."""

    since: datetime
    until: datetime
    limit: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """The events found, oldest first. `customer_id` is empty for an account nobody knows.

    `query` tells how they were found, fit for JSON. `incomplete` says that some could not be read, empty when all were.
    `digest` is a SHA-256 over both: it changes when an event comes, goes, or reads differently, and with nothing else.
    """

    customer_id: str
    window: HistoryWindow
    events: tuple[HistoryEvent, ...]
    query: Mapping[str, Any]
    digest: str
    incomplete: str = ""
