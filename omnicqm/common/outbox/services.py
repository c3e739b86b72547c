"""Noting what the warehouse shall know."""

import re
from datetime import datetime
from typing import Any

from omnicqm.common.outbox.lines import line_write
from omnicqm.common.outbox.models import OutboxRecord

TOPIC = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")  # it begins the keys of objects


def outbox_add(*, topic: str, key: str, payload: dict[str, Any], at: datetime) -> None:
    """Note a record for the warehouse, in the transaction of what it tells: neither stands without the other.

    `topic`, e.g. ``omni-channel/processed``, is where its object will be; `key` names the record within it: a second
    one with the same key is not taken. `payload` is JSON data, `at` (aware) when it happened, which picks the hour of
    the object. Raises `ValueError` for another form of topic and for numbers that JSON does not know.
    """
    if not TOPIC.fullmatch(topic):
        raise ValueError(f"'{topic}' is no topic: small letters, digits and hyphens between slashes.")
    record = OutboxRecord(topic=topic, key=key, payload=payload, at=at, size=len(line_write(payload)))
    OutboxRecord.objects.bulk_create([record], ignore_conflicts=True)
