"""Interactions that stay in a DynamoDB table a company keeps already: read when a history is asked for.

The table's partition key is the account number, its sort key the moment; so is its index, when one is named.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.conf import settings

from conversations.interactions.types import HistoryEvent, HistoryWindow
from conversations.models import Interaction
from omnicqm.common.aws import AwsFailure, AwsKind, aws_call, aws_client
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.logs import get_logger
from omnicqm.common.text import line_clean, text_clean

log = get_logger(__name__)
MAX_PAGES = 4  # of one account; DynamoDB's are 1 MB at most
MAX_ACCOUNTS = 5  # of one customer
MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True)
class HistoryTable:
    """Where the table is and how it is written. `attributes` name what holds channel, intent, detail, external_id and
    author. `moments` are ISO 8601 in UTC (a string), or seconds or milliseconds since 1970 (a number)."""

    name: str
    account_key: str
    time_key: str
    moments: Literal["iso", "seconds", "milliseconds"]
    attributes: Mapping[str, str]
    index: str = ""
    seconds: float = 1.5  # that a history waits for it, at most


@dataclass(frozen=True)
class TableRead:
    """What a table held, newest first for each account, and what is told of the reading, fit for JSON."""

    events: tuple[HistoryEvent, ...]
    told: Mapping[str, Any]


def table_configured() -> HistoryTable | None:
    """The table that settings name, if any."""
    return HistoryTable(**settings.HISTORY_TABLE) if settings.HISTORY_TABLE["name"] else None


def table_read(table: HistoryTable, accounts: Sequence[str], window: HistoryWindow) -> TableRead:
    """The events of `accounts` within `window`. Never raises for what AWS does: the failure is told instead.

    A failure part-way leaves nothing: half of a history could pass for the whole.
    """
    deadline = time.monotonic() + table.seconds
    try:
        reads = [_account_read(table, account, window, deadline) for account in accounts[:MAX_ACCOUNTS]]
    except (AwsFailure, ConfigurationError) as error:
        failed = str(error.kind) if isinstance(error, AwsFailure) else error.code
        log.warning("history_table_failed", table=table.name, failed=failed)
        return TableRead((), {"table": table.name, "failed": failed})
    events = tuple(event for read in reads for event in read.events)
    told = {"table": table.name, "found": len(events), "unreadable": sum(read.unreadable for read in reads)}
    is_cut = any(read.is_cut for read in reads) or len(accounts) > MAX_ACCOUNTS
    return TableRead(events, told | ({"cut": True} if is_cut else {}))


@dataclass
class _AccountRead:
    """What was found for one account, newest first; `is_cut` when there may be more that was not looked at."""

    events: list[HistoryEvent] = field(default_factory=list)
    unreadable: int = 0
    is_cut: bool = False


def _account_read(table: HistoryTable, account: str, window: HistoryWindow, deadline: float) -> _AccountRead:
    """Pages are read until there are as many events as are wanted."""
    client, asked, read = aws_client("dynamodb"), _asked(table, account, window), _AccountRead()
    for _ in range(MAX_PAGES):
        page = aws_call(lambda: client.query(**asked), deadline=deadline)
        if "Items" not in page:
            raise AwsFailure(AwsKind.GARBLED, "The table's answer holds no list of items.")
        _items_read(table, page["Items"], window, read)
        if len(read.events) >= window.limit or "LastEvaluatedKey" not in page:
            return read
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    read.is_cut = True
    return read


def _items_read(table: HistoryTable, items: Sequence[Any], window: HistoryWindow, read: _AccountRead) -> None:
    for item in items:
        event = _event(table, {name: _plain(value) for name, value in item.items()})
        if event is None:
            read.unreadable += 1
        elif len(read.events) < window.limit and _is_wanted(event, window):
            read.events.append(event)


def _asked(table: HistoryTable, account: str, window: HistoryWindow) -> dict[str, Any]:
    low, high = _bound(table, window.since), _bound(table, window.until, last=True)
    index = {"IndexName": table.index} if table.index else {}
    return {
        "TableName": table.name,
        **index,
        "KeyConditionExpression": "#account = :account AND #at BETWEEN :low AND :high",
        "ExpressionAttributeNames": {"#account": table.account_key, "#at": table.time_key},
        "ExpressionAttributeValues": {":account": {"S": account}, ":low": low, ":high": high},
        "ScanIndexForward": False,
        # Channels are looked at here: a few items more than are wanted would often hold none of a rare one.
        **({} if window.channels else {"Limit": max(window.limit, 25)}),
    }


def _bound(table: HistoryTable, moment: datetime, *, last: bool = False) -> dict[str, str]:
    """A bound of the sort key. Of strings a day too far: how they are written may order them otherwise than time does,
    with another offset or a blank in place of the T; what lies outside is left out here."""
    if table.moments == "iso":
        day = (moment.astimezone(UTC) + timedelta(days=1 if last else -1)).date()
        return {"S": f"{day.isoformat()}{'~' if last else ''}"}
    return {"N": str(int(moment.timestamp() * (1000 if table.moments == "milliseconds" else 1)))}


def _plain(value: Mapping[str, Any]) -> str:
    """A string or number as text; of anything else, its JSON."""
    kind, content = next(iter(value.items()), ("", ""))
    return str(content) if kind in {"S", "N"} else json.dumps(content, default=str, sort_keys=True)


def _is_wanted(event: HistoryEvent, window: HistoryWindow) -> bool:
    labels = {label.strip().lower() for label in window.channels}
    return window.since <= event.at <= window.until and (not labels or event.channel.lower() in labels)


def _event(table: HistoryTable, item: Mapping[str, str]) -> HistoryEvent | None:
    """The item as an event; None when it has no moment or says nothing."""
    at = _moment(table, item.get(table.time_key, ""))
    told = {meaning: line_clean(item.get(name, "")) for meaning, name in table.attributes.items()}
    text = text_clean(item.get(table.attributes["detail"], ""))[:MAX_TEXT_CHARS].strip()
    if at is None or not (text or told["intent"]):
        return None
    return HistoryEvent(
        id=f"table:{_digest(item)}",
        at=at,
        channel=told["channel"] or table.name,
        author=told["author"] if told["author"] in Interaction.Author.values else Interaction.Author.OTHER,
        intent=told["intent"],
        text=text,
        reference="",
        resolved=None,
        external_id=told["external_id"],
    )


def _moment(table: HistoryTable, written: str) -> datetime | None:
    """A sort key may go on behind a ``#``: with an id, so that two touches of one moment are two items."""
    written = written.partition("#")[0].strip()
    try:
        if table.moments == "iso":
            moment = datetime.fromisoformat(written)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(written) / (1000 if table.moments == "milliseconds" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _digest(item: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:26]
