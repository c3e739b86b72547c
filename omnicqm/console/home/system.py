"""Whether the machine keeps up, in a line: its processes and the model as last examined, and knowledge jobs.

A task examines the processes once a minute on a worker and notes what it found. When nothing was noted for long, the
scheduler or the worker that should have done it does not run: so their silence is told too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone
from redis.exceptions import RedisError

from knowledge.models import PENDING_STATES, Document, DocumentVersion

KEY = "console:system"
KEPT_SECONDS = 3600
LONGEST_SILENCE = timedelta(minutes=3)  # it is examined every minute
PARTS = {"Worker": "Worker", "Side worker": "Side worker", "Scheduler": "Scheduler", "Models": "Model"}


@dataclass(frozen=True)
class Part:
    """`tone` is ok, bad, busy or unknown, `word` says it; `told` is the detail."""

    title: str
    tone: str
    word: str
    told: str


def system_parts() -> list[Part]:
    """For the strip of the home page."""
    return [*_processes(), _knowledge()]


def _processes() -> Sequence[Part]:
    try:
        noted: dict[str, Any] | None = cache.get(KEY)
    except (RedisError, OSError):
        return [Part("Broker", "bad", "Away", "The Redis server does not answer.")]
    if noted is None:
        return [Part(title, "unknown", "Not seen yet", "The first look comes within a minute.") for title in _titles()]
    at = datetime.fromisoformat(noted["at"])
    if timezone.now() - at > LONGEST_SILENCE:
        told = f"Nothing was heard since {timezone.localtime(at):%H:%M}: scheduler or side worker do not run."
        return [Part("Processes", "bad", "Silent", told)]
    return [_part(PARTS[name], outcome, told) for name, outcome, told in noted["found"] if name in PARTS]


def _titles() -> Sequence[str]:
    return list(PARTS.values())


def _part(title: str, outcome: str, told: str) -> Part:
    if outcome == "ok":
        return Part(title, "ok", "OK", told)
    return Part(title, *(("unknown", "Not examined") if outcome == "skipped" else ("bad", "Failed")), told)


def _knowledge() -> Part:
    jobs = DocumentVersion.objects.aggregate(pending=Count("pk", filter=Q(state__in=PENDING_STATES)), all=Count("pk"))
    unready = Document.objects.exclude(versions__current=True).count()
    if jobs["pending"]:
        return Part("Knowledge", "busy", f"{jobs['pending']} in work", "Documents are being read and embedded.")
    if unready:
        return Part("Knowledge", "bad", f"{unready} not ready", "Search cannot find them; see Documents.")
    return Part("Knowledge", "ok", "OK", "Search finds all documents.")
