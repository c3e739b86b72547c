"""Housekeeping of the agent's tables that comes round by the clock."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from agents.http_tools.effects import effects_purge
from agents.journal import entries_purge
from agents.tracing import bounds, daily, exporting, preparing
from omnicqm.common.tasks import task_enqueue


@shared_task(name="agents.records_purge")
def records_purge() -> None:
    """What dead runs left goes after a day, what tools have written after 90 days."""
    entries_purge()
    effects_purge()


# --- Side work -------------------------------------------------------------------------------------------------------
@worker_ready.connect
def tracing_begin(sender: Any, **_: object) -> None:
    """A worker that takes side work sees to it that MLflow can be written to, before the clock tells it to."""
    if settings.SIDE_QUEUE in sender.app.amqp.queues.consume_from:
        task_enqueue("agents.tracing_prepare")


@shared_task(name="agents.tracing_prepare")
def tracing_prepare() -> None:
    preparing.tracing_prepare()


@shared_task(name="agents.traces_export", soft_time_limit=45, time_limit=60)
def traces_export() -> None:
    exporting.traces_export()


@shared_task(name="agents.traces_housekeep", soft_time_limit=45, time_limit=60)
def traces_housekeep() -> None:
    bounds.traces_complete()
    bounds.traces_purge()


@shared_task(name="agents.tracing_daily", soft_time_limit=100, time_limit=120)
def tracing_daily() -> None:
    daily.days_report()
