"""What comes round by the clock, on the side queue: it never takes a worker from replies."""

from celery import shared_task

from analytics.alerts import evaluating, notices
from analytics.facts import services


@shared_task(name="analytics.facts_refresh")
def facts_refresh() -> None:
    services.facts_refresh()


@shared_task(name="analytics.alerts_evaluate")
def alerts_evaluate() -> None:
    evaluating.alerts_evaluate()


@shared_task(name="analytics.notice_send")
def notice_send(notice_id: str) -> None:
    notices.notice_send(notice_id=notice_id)


@shared_task(name="analytics.notices_sweep")
def notices_sweep() -> None:
    notices.notices_sweep()
