"""Carries batches to the store. Runs by the clock on a worker; nobody who waits for an answer waits for it."""

import time

from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.outbox.batches import batch_failed, batch_stored, batch_take, topics_waiting
from omnicqm.common.outbox.lines import lines_write
from omnicqm.common.outbox.models import OutboxBatch
from omnicqm.common.outbox.stores import store_get

log = get_logger(__name__)

RUN_SECONDS = 30  # then the rest is left to the next time
PUT_SECONDS = 15


def outbox_flush() -> int:
    """Store what waits; returns how many records were stored.

    An object stands in the store before its batch counts as stored: who is killed in between leaves a batch that is
    put again, with the same bytes at the same key. The first failure of a topic ends its turn.
    """
    ends = time.monotonic() + RUN_SECONDS
    stored = 0
    for topic in topics_waiting():
        while time.monotonic() < ends and (batch := batch_take(topic=topic)) and _store(batch):
            stored += batch.records_count
    return stored


def _store(batch: OutboxBatch) -> bool:
    """Whether `batch` is stored now."""
    try:
        store_get().put(batch.object_key, _body(batch), deadline=time.monotonic() + PUT_SECONDS)
    except Exception as error:  # whatever it is, the records are kept and somebody is told
        batch_failed(batch, reason=error.message if isinstance(error, OmniError) else type(error).__name__)
        ours = isinstance(error, OmniError)
        log.warning(
            "outbox_not_stored", batch=batch.pk, tries=batch.tries, error=type(error).__name__, exc_info=not ours
        )
        return False
    batch_stored(batch)
    log.info("outbox_stored", batch=batch.pk, topic=batch.topic, records=batch.records_count)
    return True


def _body(batch: OutboxBatch) -> bytes:
    return lines_write(batch.records.order_by("pk").values_list("payload", flat=True))
