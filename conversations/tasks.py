"""What workers do for conversations. Every task may run twice and lose to another worker: the rows decide."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_init
from django.db import DatabaseError

from agents.services import models_prepare
from conversations.answering.services import query_answer
from conversations.assisting import briefs, suggestions
from conversations.crm import sending
from conversations.deliveries import services as deliveries
from conversations.desk import services as desk
from conversations.erasure import services as erasure
from conversations.escalations import services as escalations
from conversations.insights import services as insights
from conversations.speech import recordings, services
from conversations.work import claims
from knowledge.selectors import knowledge_search
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.startup import loaded_keep

log = get_logger(__name__)


@worker_init.connect
def worker_warm(sender: Any, **_: object) -> None:
    """Load models and lexicons before the first customer waits for them.

    Not for side work alone, for which nobody waits: its processes are forked, and inherit no connection that way.
    """
    if sender.app.conf.task_default_queue in sender.app.amqp.queues.consume_from:
        _replies_prepare()
    loaded_keep()


def _replies_prepare() -> None:
    try:
        models_prepare()
        knowledge_search(query="Good morning")
    except (OmniError, DatabaseError) as error:
        log.warning("worker_not_warm", error=type(error).__name__)


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


@shared_task(name=suggestions.TASK)
def suggestion_work(suggestion_id: str) -> None:
    suggestions.suggestion_work(suggestion_id=suggestion_id)


@shared_task(name=briefs.TASK)
def brief_write(escalation_id: str) -> None:
    briefs.brief_write(escalation_id=escalation_id)


@shared_task(name="conversations.brief_follow")
def brief_follow(event: dict[str, Any]) -> None:
    """Something happened to a case: what the customer said is read anew."""
    if event["kind"] in ("opened", "followed_up"):
        briefs.brief_write(escalation_id=event["escalation_id"], anew=False)


@shared_task(name="conversations.assisting_sweep")
def assisting_sweep() -> None:
    suggestions.suggestions_sweep()
    for escalation_id in briefs.briefs_missing(within=timedelta(hours=1)):
        try:
            briefs.brief_write(escalation_id=escalation_id)
        except OmniError as error:  # it keeps no other from its brief
            log.info("brief_not_written", escalation=escalation_id, error=error.code)


@shared_task(name="conversations.transcription_work")
def transcription_work(transcription_id: str) -> None:
    recordings.transcription_work(transcription_id=transcription_id)


@shared_task(name="conversations.transcriptions_sweep")
def transcriptions_sweep() -> None:
    recordings.transcriptions_sweep()


@shared_task(name="conversations.transcriptions_purge")
def transcriptions_purge() -> None:
    services.transcriptions_purge()


@shared_task(name="conversations.insights_purge")
def insights_purge() -> None:
    insights.insights_purge()


@shared_task(name="conversations.erasures_sweep")
def erasures_sweep() -> None:
    erasure.erasures_sweep()


@shared_task(name="conversations.held_reply_send")
def held_reply_send(held_id: str) -> None:
    escalations.held_reply_send(held_id=held_id)


@shared_task(name="conversations.desk_sweep")
def desk_sweep() -> None:
    escalations.held_replies_sweep()
    escalations.escalations_wake()
    desk.leavings_sweep()


@shared_task(name="conversations.crm_case_send")
def crm_case_send(case_id: str) -> None:
    sending.crm_case_send(case_id=case_id)


@shared_task(name="conversations.crm_cases_sweep")
def crm_cases_sweep() -> None:
    sending.crm_cases_sweep()
