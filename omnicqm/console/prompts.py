"""The prompts as they are now, and which version answered what."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from agents.models import REPLAYS, Run
from agents.prompts import prompts_load


@dataclass(frozen=True)
class VersionInUse:
    """The runs that one text of the prompts made. `is_current` when it is the text of today."""

    prompt_version: str
    prompt_hash: str
    runs: int
    alone: int
    first: datetime
    last: datetime
    is_current: bool

    @property
    def url(self) -> str:
        """The list of its runs."""
        return f"{reverse('admin:agents_run_changelist')}?{urlencode({'prompt_hash': self.prompt_hash})}"

    @property
    def alone_percent(self) -> int:
        return round(100 * self.alone / self.runs)


def versions_in_use() -> list[VersionInUse]:
    """Every version that ever ran, the one used last first."""
    rows = (
        Run.objects.exclude(prompt_hash="")
        .exclude(scope=REPLAYS)
        .values("prompt_version", "prompt_hash")
        .annotate(
            runs=Count("pk"),
            alone=Count("pk", filter=Q(decision__in=("auto_send", "clarify"))),
            first=Min("started_at"),
            last=Max("started_at"),
        )
        .order_by("-last")
    )
    current = prompts_load().digest
    return [VersionInUse(**row, is_current=row["prompt_hash"] == current) for row in rows]
