"""Who is behind a bearer token."""

import hashlib
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from asgiref.sync import sync_to_async
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from omnicqm.common.connections import connection_release

TRUST_SECONDS = 1.0  # so long a process believes what it has read: then a revocation has reached it
_MOST_KEPT = 10_000
_kept: dict[str, tuple["ClientToken", float]] = {}
_locks = [threading.Lock() for _ in range(64)]


@dataclass(frozen=True)
class ClientToken:
    """What a token lets its client do: the scopes it was asked for that the client is still granted."""

    client_id: str
    scopes: frozenset[str]
    requests_per_minute: int | None  # None: what settings say
    expires: datetime


def token_find(token: str) -> ClientToken | None:
    """What `token` stands for; None when it is unknown, expired or revoked.

    At most one indexed query a second for each token and process: scopes, limits and revocations made elsewhere take
    effect within that second (`TRUST_SECONDS`), those of this process at once.
    """
    checksum = _checksum(token)
    return _unless_expired(_token_known(checksum) or _token_read_once(checksum))


async def token_find_async(token: str) -> ClientToken | None:
    """`token_find` for asynchronous code: a thread, and a database connection for its time, is used only to read."""
    checksum = _checksum(token)
    return _unless_expired(_token_known(checksum) or await sync_to_async(_token_read_released)(checksum))


def tokens_forget() -> None:
    """Believe nothing that was read before: the rights of a client have changed."""
    _kept.clear()


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _unless_expired(found: ClientToken | None) -> ClientToken | None:
    return found if found and found.expires > timezone.now() else None


def _token_known(checksum: str) -> ClientToken | None:
    """What this process has read of a token within the last second."""
    kept = _kept.get(checksum)
    return kept[0] if kept and time.monotonic() - kept[1] < TRUST_SECONDS else None


def _token_read_once(checksum: str) -> ClientToken | None:
    """Read it; of many requests that come with the same token at once, one does and the others wait for it.

    Not longer than a database that works needs: then each tries itself.
    """
    lock = _locks[int(checksum[:8], 16) % len(_locks)]
    locked = lock.acquire(timeout=TRUST_SECONDS)
    try:
        return _token_known(checksum) or _token_read(checksum)
    finally:
        if locked:
            lock.release()


def _token_read_released(checksum: str) -> ClientToken | None:
    try:
        return _token_read_once(checksum)
    finally:
        connection_release()


def _token_read(checksum: str) -> ClientToken | None:
    read_at = time.monotonic()
    rows = get_access_token_model().objects.select_related("application__granted")
    row = rows.filter(token_checksum=checksum).first()
    grant = getattr(row.application, "granted", None) if row and row.application else None
    if row is None or grant is None or grant.revoked_at:
        return None
    scopes = frozenset(row.scope.split()) & frozenset(grant.scopes)
    found = ClientToken(row.application.client_id, scopes, grant.requests_per_minute, row.expires)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[checksum] = found, read_at
    return found
