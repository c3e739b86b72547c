"""A record is noted with what it tells, once."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from omnicqm.common.models import OutboxRecord
from omnicqm.common.outbox.services import outbox_add

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 9, 7, 59, 59, tzinfo=UTC)
SUMMARIES = "omni-channel/processed"


def test_a_record_is_there_when_what_it_tells_is() -> None:
    outbox_add(topic=SUMMARIES, key="ins_1", payload={"summary": "Zoë asked twice."}, at=AT)
    with transaction.atomic():
        outbox_add(topic=SUMMARIES, key="ins_2", payload={}, at=AT)
        transaction.set_rollback(True)
    [record] = OutboxRecord.objects.all()
    assert (record.key, record.at, record.payload) == ("ins_1", AT, {"summary": "Zoë asked twice."})
    assert record.size == len('{"summary":"Zoë asked twice."}\n'.encode())


def test_a_key_is_taken_once_in_its_topic() -> None:
    for topic, payload in ((SUMMARIES, {"n": 1}), (SUMMARIES, {"n": 2}), ("omni-channel/feedback", {"n": 3})):
        outbox_add(topic=topic, key="ins_1", payload=payload, at=AT)
    assert [record.payload["n"] for record in OutboxRecord.objects.all()] == [1, 3]


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("../elsewhere", {}, "is no topic"),
        ("/topic", {}, "is no topic"),
        ("A topic", {}, "is no topic"),
        (SUMMARIES, {"cost": float("nan")}, "not JSON compliant"),
        (SUMMARIES, {"text": "\ud800"}, "surrogates not allowed"),
    ],
)
def test_what_no_store_could_take_is_refused_where_it_comes_from(topic: str, payload: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        outbox_add(topic=topic, key="ins_1", payload=payload, at=AT)
