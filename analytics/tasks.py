"""Side work of analytics that comes round by the clock."""

from celery import shared_task

from analytics.alerts import evaluating, notices


@shared_task(name="analytics.alerts_evaluate")
def alerts_evaluate() -> None:
    evaluating.alerts_evaluate()


@shared_task(name="analytics.notice_send")
def notice_send(notice_id: str) -> None:
    notices.notice_send(notice_id=notice_id)


@shared_task(name="analytics.notices_sweep")
def notices_sweep() -> None:
    notices.notices_sweep()
