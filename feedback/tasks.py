"""What the side worker does for feedback. Every task may run twice: the rows decide."""

from collections.abc import Mapping
from typing import Any

from celery import shared_task

from feedback import tracing
from feedback.autonomy.breaker import breakers_check
from feedback.judging import services
from feedback.learning import gaps, listening
from feedback.learning.articles import article_compare as compare


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


@shared_task(name="feedback.answer_learn")
def answer_learn(event: Mapping[str, str]) -> None:
    """A consultant replied (`message_id`); `draft` is what they were shown, where that is told."""
    listening.answer_learn(message_id=event["message_id"], draft=event.get("draft"))


@shared_task(name="feedback.escalation_learn")
def escalation_learn(event: Mapping[str, Any]) -> None:
    """Something happened to an escalation (`escalation_id`, `kind`, `user_id`)."""
    listening.escalation_learn(escalation_id=event["escalation_id"], kind=event["kind"], user_id=event.get("user_id"))


@shared_task(name="feedback.gap_note")
def gap_note(event: Mapping[str, str]) -> None:
    """A query went to people (`query_id`)."""
    gaps.gap_note(query_id=event["query_id"])


@shared_task(name="feedback.article_compare")
def article_compare(proposal_id: str) -> None:
    compare(proposal_id=proposal_id)


@shared_task(name="feedback.learning_sweep")
def learning_sweep() -> None:
    listening.learning_sweep()


@shared_task(name="feedback.breakers_check")
def breakers_check_all() -> None:
    breakers_check()
