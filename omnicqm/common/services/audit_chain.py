"""The chain of the audit trail: what was changed, removed or slipped in afterwards is found.

A row gets its `mark` when it is written: a keyed hash of the row alone, so that writers need not wait for each other.
Shortly after, one process at a time gives unsealed rows the next `number`s and a `seal`: a keyed hash over the row, its
number and the seal before. The keys come from SECRET_KEY, so that the database alone does not suffice to make a mark
or a seal. Why it is so: ``docs/adr/2026-11-30-the-audit-trail-is-sealed-after-writing.md``.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.encoding import force_bytes

from omnicqm.common.logs import get_logger
from omnicqm.common.models import AuditEvent, AuditHead

log = get_logger(__name__)

BATCH = 1000
MOST_BATCHES = 50  # of one call; the next one goes on
LATE = timedelta(minutes=10)  # unsealed so long: whoever seals does not run
_PURPOSE = b"omnicqm audit trail 1"


@dataclass(frozen=True)
class Finding:
    """What is wrong with the trail at `number`, which is None for a row outside the chain."""

    number: int | None
    what: str

    def __str__(self) -> str:
        return f"{'unsealed' if self.number is None else f'row {self.number}'}: {self.what}"


@dataclass(frozen=True)
class Report:
    rows: int
    unsealed: int
    late: int
    head: str
    findings: tuple[Finding, ...]


def mark_of(event: AuditEvent) -> str:
    """The mark `event` gets when it is written."""
    return _hash(_keys()[0], "mark", _content(event))


def audit_seal() -> int:
    """Let what was written join the chain; returns how many rows did. Who comes while another seals waits for it."""
    sealed = 0
    for _ in range(MOST_BATCHES):
        joined = _batch_seal()
        sealed += joined
        if joined < BATCH:
            break
    return sealed


@transaction.atomic
def _batch_seal() -> int:
    AuditHead.objects.get_or_create(id=1)
    head = AuditHead.objects.select_for_update().get(id=1)
    events = list(AuditEvent.objects.filter(number__isnull=True).order_by("id")[:BATCH])
    if not events:
        return 0
    now = timezone.now()
    for event in events:
        head.number += 1
        event.number, event.sealed_at = head.number, now
        event.seal = head.seal = _seal_of(_keys()[0], event, head.seal)
    AuditEvent.objects.bulk_update(events, ["number", "sealed_at", "seal"], batch_size=250)
    head.mark = _hash(_keys()[0], "head", str(head))
    head.save()
    # The head, where whoever can write to the database cannot: compare it with `manage.py audit_verify --head`.
    log.info("audit_sealed", rows=len(events), head=str(head))
    return len(events)


@transaction.atomic
def audit_verify(*, head: str = "", most: int = 100) -> Report:
    """Read the whole chain and say what does not fit, at most `most` findings.

    `head` is one that was told earlier (``number:seal``): the chain must still hold it.
    """
    findings: list[Finding] = []
    rows = 0
    end = AuditHead.objects.filter(id=1).first() or AuditHead()  # before the rows: sealing goes on meanwhile
    for row, finding in _chain_findings(head, end):
        rows += row
        if finding and len(findings) < most:
            findings.append(finding)
    outside = list(AuditEvent.objects.filter(number__isnull=True).order_by("id").iterator())
    findings += [Finding(None, f"{event.pk} was not written by OmniCQM") for event in outside if not _is_marked(event)]
    late = sum(event.at < timezone.now() - LATE for event in outside)
    return Report(rows=rows, unsealed=len(outside), late=late, head=str(end), findings=tuple(findings[:most]))


def _chain_findings(told: str, end: AuditHead) -> Iterator[tuple[int, Finding | None]]:
    """For every row 1, and what is wrong with it; for what is missing between and behind them 0."""
    before, expected, marked = "", 1, False
    told_number, _, told_seal = told.partition(":")
    for event in AuditEvent.objects.filter(number__lte=end.number).order_by("number").iterator(BATCH):
        number = event.number or 0
        if number != expected:
            gone = f"{expected}" if number == expected + 1 else f"{expected} to {number - 1}"
            yield 0, Finding(number, f"the rows before it are gone: {gone}")
            before = ""  # the seal before it is gone too
        marked = marked or bool(event.mark)
        follows = number == expected
        yield 1, _row_finding(event, before, follows=follows, marked=marked)
        if told_number == str(number) and told_seal != event.seal:
            yield 0, Finding(number, "its seal is another than the one you were told")
        before, expected = event.seal, number + 1
    yield from _end_findings(expected - 1, before, told_number, end)


def _row_finding(event: AuditEvent, before: str, *, follows: bool, marked: bool) -> Finding | None:
    if marked and not _is_marked(event):
        return Finding(event.number, f"{event.pk} was changed, or not written by OmniCQM")
    if follows and not any(hmac.compare_digest(event.seal, _seal_of(key, event, before)) for key in _keys()):
        return Finding(event.number, f"{event.pk} or its place in the chain was changed")
    return None


def _end_findings(last: int, seal: str, told: str, head: AuditHead) -> Iterator[tuple[int, Finding]]:
    newest = AuditEvent.objects.aggregate(newest=Max("number"))["newest"] or 0
    reached = AuditHead.objects.filter(id=1).values_list("number", flat=True).first() or 0  # read after `newest`
    if newest > reached:
        yield 0, Finding(newest, "it stands behind the end of the chain: it was slipped in")
    if (head.number, head.seal) != (last, seal):
        yield 0, Finding(last, f"the chain ends here, but it had {head.number} rows: the last ones are gone")
    if head.number and not any(hmac.compare_digest(head.mark, _hash(key, "head", str(head))) for key in _keys()):
        yield 0, Finding(last, "the end of the chain was changed")
    if told.isdecimal() and int(told) > last:
        yield 0, Finding(last, f"the chain ends here, but you were told of row {told}")


def _is_marked(event: AuditEvent) -> bool:
    content = _content(event)
    return any(hmac.compare_digest(event.mark, _hash(key, "mark", content)) for key in _keys())


def _seal_of(key: bytes, event: AuditEvent, before: str) -> str:
    return _hash(key, "seal", before, event.number, _moment(event.sealed_at), event.mark, _content(event))


def _content(event: AuditEvent) -> str:
    """The row as text, the same before it is stored and after it was read."""
    fields = event.pk, _moment(event.at), event.actor, event.action, event.object_type, event.object_id
    return _text([*fields, _plain(event.details), event.correlation_id, event.once])


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _plain(value: Any) -> Any:
    """JSON as PostgreSQL gives it back: a whole number is one, however it was written."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _hash(key: bytes, *parts: Any) -> str:
    return hmac.new(key, _text(parts).encode(), hashlib.sha256).hexdigest()


def _keys() -> list[bytes]:
    """The present key, then those of SECRET_KEY_FALLBACKS: rows from before a change of the key are still known."""
    return [_derived(force_bytes(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=16)
def _derived(key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)
