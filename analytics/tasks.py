"""What comes round by the clock, on the side queue: it never takes a worker from replies."""

from celery import shared_task

from analytics.facts import services


@shared_task(name="analytics.facts_refresh")
def facts_refresh() -> None:
    services.facts_refresh()
