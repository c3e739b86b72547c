"""Who processes which version: claims with a lease, so that a killed worker's version is taken up by another.

A claim raises `tries`; the pair (version, tries) is the claim's mark, and every later write of its holder names it.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from knowledge.models import PENDING_STATES, DocumentVersion, VersionState

LEASE = timedelta(seconds=120)  # longer than reading a file may take
MAX_TRIES = 3
PARALLEL = 2  # versions at a time over all workers: the other threads keep answering customers

_LOCK = 0x6B6E6F77  # advisory lock of the claims, any fixed number


def versions_waiting() -> QuerySet[DocumentVersion]:
    """Versions that nobody works on, the oldest first."""
    return DocumentVersion.objects.filter(_is_free(), state__in=PENDING_STATES).order_by("created_at", "id")


def _is_free() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=timezone.now())


def version_claim(version_id: str | None = None) -> DocumentVersion | None:
    """Take a waiting version, by default the oldest. None when it does not wait or `PARALLEL` are being worked on."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        busy = DocumentVersion.objects.filter(state__in=PENDING_STATES, lease_until__gt=timezone.now()).count()
        waiting = versions_waiting().filter(tries__lt=MAX_TRIES)
        if version_id:
            waiting = waiting.filter(pk=version_id)
        version = waiting.select_related("document").first() if busy < PARALLEL else None
        if version:
            version.tries += 1
            version.state = VersionState.PARSING
            version.lease_until = timezone.now() + LEASE
            version.save(update_fields=["tries", "state", "lease_until"])
        return version


def claim_update(version: DocumentVersion, **values: Any) -> bool:
    """Write to a claimed version. False when the claim was lost: then stop, somebody else has it."""
    claimed = DocumentVersion.objects.filter(pk=version.pk, tries=version.tries, state__in=PENDING_STATES)
    return claimed.update(**values) == 1


def claim_renew(version: DocumentVersion, **values: Any) -> bool:
    """Like `claim_update`, and keep the claim for another lease."""
    return claim_update(version, lease_until=timezone.now() + LEASE, **values)


def versions_exhausted() -> QuerySet[DocumentVersion]:
    """Versions whose every try ended without a word, such as by a killed worker."""
    return versions_waiting().filter(tries__gte=MAX_TRIES)
