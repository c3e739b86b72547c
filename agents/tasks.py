"""Housekeeping of the agent's tables that comes round by the clock."""

from celery import shared_task

from agents.http_tools.effects import effects_purge
from agents.journal import entries_purge


@shared_task(name="agents.records_purge")
def records_purge() -> None:
    """What dead runs left goes after a day, what tools have written after 90 days."""
    entries_purge()
    effects_purge()
