"""What was asked before in a dialogue, so that the next question may go on from it. Kept for an hour, and no longer
than the cache lives: who is not understood any more asks in full."""

import hashlib
import secrets
from typing import Any

from analytics.analyst.grammar.asked import Asked
from analytics.analyst.types import Asker
from analytics.errors import SpecInvalid
from analytics.querying import spec_dump, spec_read
from omnicqm.common.cache import kept_get, kept_set

SECONDS = 3600
MAX_NAME_CHARS = 100


def dialogue_begin() -> str:
    """A name nobody else has."""
    return secrets.token_urlsafe(12)


def dialogue_read(asker: Asker, name: str) -> Asked | None:
    """The last question that was understood; None when there is none, or when the catalogue has changed since."""
    kept = kept_get(_key(asker, name)) if name else None
    if not isinstance(kept, dict):
        return None
    try:
        return Asked(spec_read(kept["query"]), kept["chart"])
    except (SpecInvalid, KeyError):
        return None


def dialogue_keep(asker: Asker, name: str, asked: Asked) -> None:
    kept: dict[str, Any] = {"query": spec_dump(asked.spec), "chart": asked.chart}
    kept_set(_key(asker, name), kept, SECONDS)


def _key(asker: Asker, name: str) -> str:
    return f"analyst:{hashlib.sha256(f'{asker.key} {name}'.encode()).hexdigest()}"
