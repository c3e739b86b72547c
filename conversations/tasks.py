"""What workers do for conversations. Every task may run twice and lose to another worker: the rows decide."""

from celery import shared_task

from conversations.answering.services import query_answer
from conversations.deliveries import services as deliveries
from conversations.work import claims


@shared_task(name="conversations.query_work")
def query_work(query_id: str) -> None:
    query_answer(query_id=query_id)


@shared_task(name="conversations.queries_sweep")
def queries_sweep() -> None:
    claims.queries_sweep()


@shared_task(name="conversations.delivery_attempt")
def delivery_attempt(delivery_id: str) -> None:
    deliveries.delivery_attempt(delivery_id=delivery_id)


@shared_task(name="conversations.deliveries_sweep")
def deliveries_sweep() -> None:
    deliveries.deliveries_sweep()
