"""Interactions that stay in a DynamoDB table a company keeps already: read when a history is asked for.

The table's partition key is the account number, its sort key the moment; so is its index, when one is named.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations.interactions.types import HistoryEvent, HistoryWindow
from conversations.models import Interaction
from omnicqm.common.aws import AwsFailure, AwsKind, aws_call, aws_client
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.logs import get_logger
from omnicqm.common.text import line_clean, text_clean

log = get_logger(__name__)
MAX_PAGES = 4  # DynamoDB's are 1 MB each, before filtering
MAX_ACCOUNTS = 5  # of one customer
MAX_TEXT_CHARS = 20_000
_MILLISECONDS = 10**11  # a number above it is no count of seconds before the year 5138


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
        items = [item for account in accounts[:MAX_ACCOUNTS] for item in _items(table, account, window, deadline)]
    except (AwsFailure, ConfigurationError) as error:
        failed = str(error.kind) if isinstance(error, AwsFailure) else error.code
        log.warning("history_table_failed", table=table.name, failed=failed)
        return TableRead((), {"table": table.name, "failed": failed})
    read = [_event(table, item) for item in items]
    events = tuple(event for event in read if event)
    return TableRead(events, {"table": table.name, "found": len(events), "unreadable": len(read) - len(events)})


def _items(table: HistoryTable, account: str, window: HistoryWindow, deadline: float) -> Iterator[dict[str, Any]]:
    """The newest items, a few more than wanted when only some channels are."""
    client, asked, found = aws_client("dynamodb"), _asked(table, account, window), 0
    for _ in range(MAX_PAGES):
        page = aws_call(lambda: client.query(**asked), deadline=deadline)
        if "Items" not in page:
            raise AwsFailure(AwsKind.GARBLED, "The table's answer holds no list of items.")
        for item in page["Items"]:
            plain = {name: _plain(value) for name, value in item.items()}
            if _is_wanted(table, plain, window):
                found += 1
                yield plain
            if found == window.limit:
                return
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


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
        "Limit": max(window.limit, 25),
    }


def _bound(table: HistoryTable, moment: datetime, *, last: bool = False) -> dict[str, str]:
    """A bound of the sort key. Of strings the last one lies behind every fraction and zone of its second."""
    if table.moments == "iso":
        return {"S": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{'~' if last else ''}"}
    return {"N": str(int(moment.timestamp() * (1000 if table.moments == "milliseconds" else 1)))}


def _plain(value: Mapping[str, Any]) -> str:
    """A string or number as text; of anything else, its JSON."""
    [(kind, content)] = value.items()
    return str(content) if kind in {"S", "N"} else json.dumps(content, default=str, sort_keys=True)


def _is_wanted(table: HistoryTable, item: Mapping[str, str], window: HistoryWindow) -> bool:
    labels = {label.strip().lower() for label in window.channels}
    return not labels or item.get(table.attributes["channel"], "").strip().lower() in labels


def _event(table: HistoryTable, item: Mapping[str, str]) -> HistoryEvent | None:
    """The item as an event; None when it has no moment or says nothing."""
    at = _moment(item.get(table.time_key, ""))
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


def _moment(written: str) -> datetime | None:
    try:
        number = float(written)
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and timezone.is_naive(moment) else moment


def _digest(item: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:26]
