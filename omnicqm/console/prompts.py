"""The prompts as they are now, which version answered what, and what changed from one to the next."""

from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from agents.models import Run
from agents.prompts import prompts_load
from agents.types import REPLAYS
from omnicqm.console.models import PromptVersion


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
    is_kept: bool  # its text is still known

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
    current, kept = prompts_load().digest, set(PromptVersion.objects.values_list("digest", flat=True))
    return [
        VersionInUse(**row, is_current=row["prompt_hash"] == current, is_kept=row["prompt_hash"] in kept)
        for row in rows
    ]


def prompts_remember() -> None:
    """Keep what the prompts of this release say. Called at every start; what is known already stays as it is."""
    prompts = prompts_load()
    texts = {name: prompt.text for name, prompt in prompts.prompts.items()}
    kept = {"version": prompts.version[:100], "texts": texts}
    PromptVersion.objects.get_or_create(digest=prompts.digest, defaults=kept)


@dataclass(frozen=True)
class Line:
    """A line of a difference: `kind` is gone, new, place (where it is) or same."""

    kind: str
    text: str


def prompts_changed(before: str) -> dict[str, list[Line]] | None:
    """By name of the prompt, what is different now from the version with the digest `before`; None when its text is not
    known."""
    earlier = PromptVersion.objects.filter(digest=before).first()
    if earlier is None:
        return None
    now = {name: prompt.text for name, prompt in prompts_load().prompts.items()}
    names = sorted(earlier.texts.keys() | now.keys())
    changed = {name: _lines(earlier.texts.get(name, ""), now.get(name, "")) for name in names}
    return {name: lines for name, lines in changed.items() if lines}


_KINDS = {"-": "gone", "+": "new", "@": "place"}


def _lines(before: str, after: str) -> list[Line]:
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    lines = [line for line in found if not line.startswith(("---", "+++"))]
    return [Line(_KINDS.get(line[:1], "same"), line if line[:1] == "@" else line[1:]) for line in lines]
