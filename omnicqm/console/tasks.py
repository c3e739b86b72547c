"""Work that the console has done, off the hot path."""

from collections.abc import Mapping
from typing import Any

from celery import shared_task

from omnicqm.console.explorer.replays import TASK, replay_work, replays_wake
from omnicqm.console.home import examining
from omnicqm.console.live import events


@shared_task(name=TASK)
def replay_run(replay_id: str) -> None:
    replay_work(replay_id=replay_id)


@shared_task(name="console.replays_sweep")
def replays_sweep() -> None:
    replays_wake()


@shared_task(name=events.TASK)
def escalation_show(event: Mapping[str, Any]) -> None:
    """Something happened to an escalation (`escalation_id`, `kind`, `user_id`)."""
    events.escalation_show(event)


@shared_task(name="console.system_examine")
def system_examine() -> None:
    """Look at the processes, for the home page."""
    examining.system_examine()
