"""The interactions of one customer, as everything that reads them sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class HistoryEvent:
    """One interaction. `author` is customer, assistant, consultant, system or other; `channel` and `intent` are free
    labels; `reference` is that of our conversation, if it has one; `resolved` is None where nobody said so."""

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
class HistoryWindow:
    """What was looked for. No `channels` means all of them."""

    since: datetime
    until: datetime
    limit: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """The events found, oldest first, without internal notes. `customer_id` is empty for an unknown account. `query`
    says what found them, as storable JSON; `digest` is the same only for the very same events (sha256)."""

    customer_id: str
    window: HistoryWindow
    events: tuple[HistoryEvent, ...]
    query: Mapping[str, Any]
    digest: str
