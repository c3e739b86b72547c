"""Replays: asked for, done by a worker, kept beside the run they repeat.

The row is the record of pending work; whoever works on it holds a lease. A replay that nobody finished is begun once
more by the sweep, which does no harm: it touches nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from agents.erasing import runs_empty
from agents.errors import RunNotFound
from agents.journal import results_of
from agents.models import Run, RunReplay
from agents.prompts import prompt_folders, prompts_try
from agents.replaying.errors import ChangeInvalid, ReplayRefused, TooManyReplays
from agents.services import run_execute
from agents.types import REPLAYS, RunRequest
from agents.variants import Recorded, Variant
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)
State = RunReplay.State

AN_HOUR = 30  # replays of one person
AT_ONCE = 5  # waiting or being worked on, of one person
LEASE = timedelta(minutes=3)  # longer than any run
GIVE_UP = timedelta(minutes=15)


@dataclass(frozen=True)
class Change:
    """What is to be other than in the run that is repeated; empty means as it would be today."""

    model: str = ""
    prompts: str = ""
    threshold: int | None = None

    def check(self) -> None:
        """Raises `ChangeInvalid` naming the field."""
        if self.model and self.model not in settings.MODEL_PROVIDERS:
            known = ", ".join(settings.MODEL_PROVIDERS)
            raise ChangeInvalid(f"There is no model '{self.model}'. Choose one of: {known}.", param="model")
        if self.prompts and self.prompts not in prompt_folders():
            raise ChangeInvalid(
                f"There is no folder '{self.prompts}' in {settings.PROMPTS_FOLDER}. Put one there.", param="prompts"
            )
        if self.threshold is not None and not 0 <= self.threshold <= 100:
            raise ChangeInvalid("A threshold is between 0 and 100.", param="threshold")


@transaction.atomic
def replay_request(*, run_id: str, change: Change, actor: str) -> RunReplay:
    """Note that `actor` wants the run done again; a worker does it (`replay_begin`).

    Raises `RunNotFound`, `ReplayRefused` for a run that has not ended or is a replay itself, `ChangeInvalid`, and
    `TooManyReplays`.
    """
    change.check()
    with connection.cursor() as cursor:  # one at a time of one person: the limits hold however many are asked at once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"replays of {actor}"])
    run = Run.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    if run is None:
        raise RunNotFound("There is no such run.")
    if run.scope == REPLAYS:
        raise ReplayRefused("This run is a replay itself. Open the run it repeats.")
    if run.finished_at is None:
        raise ReplayRefused("This run has not ended yet. Wait until it has.")
    _limits_check(actor)
    replay = RunReplay.objects.create(
        original=run, model=change.model, prompts=change.prompts, threshold=change.threshold, actor=actor
    )
    changed = {"model": change.model, "prompts": change.prompts, "threshold": change.threshold}
    audit_record(actor=actor, action="run.replayed", obj=run, details={"replay_id": replay.pk, **changed})
    return replay


def _limits_check(actor: str) -> None:
    mine = RunReplay.objects.filter(actor=actor)
    if mine.filter(state__in=RunReplay.OPEN).count() >= AT_ONCE:
        raise TooManyReplays(f"{AT_ONCE} replays of yours are still being worked on. Wait until one is done.")
    if mine.filter(created_at__gt=timezone.now() - timedelta(hours=1)).count() >= AN_HOUR:
        raise TooManyReplays(f"You have asked for {AN_HOUR} replays within an hour. Come back a little later.")


def replay_begin(*, replay_id: str) -> RunReplay | None:
    """The replay, ours to work on now; None when it is done, given up or in other hands."""
    now = timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.WORKING, lease_until__lt=now)
    if not RunReplay.objects.filter(free, pk=replay_id).update(state=State.WORKING, lease_until=now + LEASE):
        return None
    replay = RunReplay.objects.select_related("original").get(pk=replay_id)
    if replay.run_id is not None:  # of a worker that was killed; nobody would find its texts once the next one is noted
        runs_empty(Run.objects.filter(pk=replay.run_id))
    return replay


def replay_run(*, replay: RunReplay, request: RunRequest) -> RunReplay:
    """Do it: `request` is what the original run was asked, as well as that can be told today.

    Touches nothing but its own rows: tools answer as they did, those that write or ask other systems do nothing else,
    and no reply goes anywhere. Call it outside a transaction.
    """
    # Without the origin no run on the same message that is under way is taken for one that a killed worker left.
    dry = replace(request, origin="", on_sentence=None, cancelled=lambda: False)
    try:
        result = run_execute(dry, variant=_variant(replay))
    except OmniError as error:
        return replay_fail(replay=replay, reason=error.message)
    _end(replay, state=State.DONE, run_id=result.run_id)
    return replay


def replay_fail(*, replay: RunReplay, reason: str) -> RunReplay:
    """It cannot be done, for `reason`, which a person reads."""
    _end(replay, state=State.FAILED, reason=reason[:300])
    return replay


def _variant(replay: RunReplay) -> Variant:
    mine = RunReplay.objects.filter(pk=replay.pk)
    return Variant(
        route=(replay.model,) if replay.model else None,
        prompts=prompts_try(replay.prompts) if replay.prompts else None,
        threshold=replay.threshold,
        scope=REPLAYS,
        recorded=Recorded.of(results_of(replay.original)),
        # At once: should the customer have their data deleted, or this worker die, the run is found by it.
        opened=lambda run_id: mine.update(run=run_id),
    )


def _end(replay: RunReplay, **changes: object) -> None:
    for name, value in changes.items():
        setattr(replay, name, value)
    replay.finished_at, replay.lease_until = timezone.now(), None
    replay.save(update_fields=[*changes, "finished_at", "lease_until"])


def replays_sweep() -> list[str]:
    """The ids of replays that wait for a worker, or were left by one; what is too old for another try is given up."""
    now = timezone.now()
    open_ones = RunReplay.objects.filter(state__in=RunReplay.OPEN)
    given_up = open_ones.filter(created_at__lt=now - GIVE_UP).update(
        state=State.FAILED, reason="No worker did it in time. Ask for it again.", finished_at=now, lease_until=None
    )
    if given_up:
        log.warning("replays_given_up", count=given_up)
    free = Q(state=State.WAITING) | Q(state=State.WORKING, lease_until__lt=now)
    return list(open_ones.filter(free).order_by("created_at").values_list("pk", flat=True)[:20])
