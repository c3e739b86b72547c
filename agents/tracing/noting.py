"""That a trace is due, noted in the transaction in which its run ends or changes: one statement, no call elsewhere."""

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from agents.models import Run, RunTrace
from agents.privacy import Vault
from agents.storable import text_storable
from agents.types import RunRequest

MAX_CHARS = 4_000


def trace_note(run: Run, request: RunRequest, vault: Vault) -> None:
    """The trace of `run`, which ends now, is due. `vault` hides what is personal; nobody can afterwards."""
    if not settings.MLFLOW_TRACKING_URI:
        return
    question = f"{request.subject}\n\n{request.message}" if request.subject else request.message
    RunTrace.objects.create(
        run=run,
        session=request.session,
        subject=request.subject_id,
        question=_told(question, vault),
        reply=_told(run.reply_text, vault),
    )


def trace_renew(*run_ids: str) -> None:
    """What these runs show has changed: their traces are written anew. Those to be deleted stay so."""
    shown = RunTrace.objects.filter(run__in=run_ids, state__in=[RunTrace.State.PENDING, RunTrace.State.EXPORTED])
    shown.update(state=RunTrace.State.PENDING, revision=F("revision") + 1, tries=0, due_at=timezone.now())


def _told(text: str, vault: Vault) -> str:
    return text_storable(vault.hide(text[: 2 * MAX_CHARS])[:MAX_CHARS])
