"""Work that the console has done, off the hot path."""

from celery import shared_task

from omnicqm.console.explorer.replays import TASK, replay_work, replays_wake


@shared_task(name=TASK)
def replay_run(replay_id: str) -> None:
    replay_work(replay_id=replay_id)


@shared_task(name="console.replays_sweep")
def replays_sweep() -> None:
    replays_wake()
