"""Doing a run again: what both apps have to say about it, put together. The work itself is a task's."""

from typing import Any

from agents.models import RunReplay
from agents.replaying import Change, replay_begin, replay_fail, replay_request, replay_run, replays_sweep
from conversations.answering.replaying import replayable_queries, request_rebuild
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)
TASK = "console.replay_run"


def replay_start(*, run_id: str, change: Change, user: Any) -> RunReplay:
    """Have the run done again with `change`; a worker does it soon.

    Raises `NothingToReplay`, `ReplayRefused`, `ChangeInvalid` or `TooManyReplays`, in words for a person.
    """
    replayable_queries(run_id=run_id)
    replay = replay_request(run_id=run_id, change=change, actor=f"user:{user.pk}")
    task_enqueue(TASK, replay.pk)
    return replay


def replay_work(*, replay_id: str) -> None:
    """Do it, unless somebody else does or has. The customer may have had their data deleted since it was asked for."""
    replay = replay_begin(replay_id=replay_id)
    if replay is None:
        return
    try:
        request = request_rebuild(run_id=replay.original_id)
    except OmniError as error:
        replay_fail(replay=replay, reason=error.message)
        return
    replay_run(replay=replay, request=request)
    log.info("replay_ended", replay=replay.pk, run=replay.original_id, state=str(replay.state))


def replays_wake() -> None:
    """Wake workers for replays that nobody works on."""
    for replay_id in replays_sweep():
        task_enqueue(TASK, replay_id)
