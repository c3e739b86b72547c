"""What the side worker does for feedback. Every task may run twice: the rows decide."""

from collections.abc import Mapping

from celery import shared_task

from feedback import tracing
from feedback.judging import services


@shared_task(name="feedback.reply_judge")
def reply_judge(event: Mapping[str, str]) -> None:
    """A reply was sent (`message_id`), or a query went to people (`query_id`)."""
    services.reply_judge(message_id=event.get("message_id", ""), query_id=event.get("query_id", ""))


@shared_task(name="feedback.judgement_show")
def judgement_show(event: Mapping[str, str]) -> None:
    """A text was judged, or a judgement overruled (`judgement_id`)."""
    tracing.judgement_show(judgement_id=event["judgement_id"])


@shared_task(name="feedback.judgements_sweep")
def judgements_sweep() -> None:
    services.judgements_sweep()
