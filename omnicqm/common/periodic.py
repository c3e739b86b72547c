"""Housekeeping that comes round by the clock."""

from celery import shared_task

from omnicqm.common.services.purge import records_purge as purge


@shared_task(name="common.records_purge")
def records_purge() -> None:
    purge()
