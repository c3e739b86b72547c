"""Emptying what runs noted of somebody who has had their data deleted. What was measured stays."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from agents.models import HttpToolEffect, Run, RunEntry, RunStep
from agents.tracing.bounds import traces_erase


def again_of(origin: str) -> str:
    """The origin of runs that only try again what `origin` asked: theirs to erase, and no run that could be resumed."""
    return f"again/{origin}"


def runs_erase(*, origins: Iterable[str]) -> int:
    """Empty the texts of all runs on the messages `origins`, replays included; returns how many runs. Call inside a
    transaction."""
    messages = [name for origin in origins for name in (origin, again_of(origin))]
    return runs_empty(Run.objects.filter(Q(origin__in=messages) | Q(replay__original__origin__in=messages)))


def runs_empty(which: QuerySet[Run]) -> int:
    """Empty the texts of these runs; returns how many."""
    runs = list(which)
    for run in runs:
        run.factors = {name: {**finding, "evidence": []} for name, finding in run.factors.items()}
        run.reply_text = run.explanation = run.intent = ""
        run.sources = []
    Run.objects.bulk_update(runs, ["factors", "reply_text", "explanation", "intent", "sources"], batch_size=200)
    ids = [run.pk for run in runs]
    RunStep.objects.filter(run__in=ids).update(input={}, output={}, error="")
    RunEntry.objects.filter(run__in=ids).delete()
    HttpToolEffect.objects.filter(run_id__in=ids).update(result=None)
    traces_erase(run__in=ids)
    return len(ids)
