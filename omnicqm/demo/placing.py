"""Dating the demo's rows back, so that the day looks like a day. Only the demo may do this."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Model, QuerySet

from agents.models import Run, RunStep
from conversations.models import Conversation, Delivery, Escalation, Interaction, Message, Query
from feedback.models import ArticleProposal, Correction, GapQuestion, KnowledgeGap, ShadowComparison
from omnicqm.common.models import Attempt
from omnicqm.demo.seeds import Seed

_MARK = "demo_placed"


def is_placed(key: str) -> bool:
    """Whether the conversation of this seed has been loaded and dated back before."""
    return Message.objects.filter(metadata__demo=key, metadata__has_key=_MARK).exists()


@transaction.atomic
def conversation_place(seed: Seed, *, now: datetime) -> None:
    """Move everything that belongs to the seed's conversation to the moments the seed tells."""
    asked = [Message.objects.get(external_id=seed.external_id(index)) for index in range(len(seed.turns))]
    conversation = asked[0].conversation
    shift = timedelta(0)
    for message in conversation.messages.order_by("seq"):
        if message in asked:
            shift = seed.turns[asked.index(message)].moment(now) - message.created_at
            _query_shift(message, shift)
        elif message.consultant_id and seed.consultant:
            _message_shift(message, seed.consultant.moment(now) - message.created_at)
            continue
        _message_shift(message, shift)
    _escalations_shift(conversation, seed, now)
    _conversation_span(conversation)
    _lessons_shift(conversation, seed, now)
    Message.objects.filter(pk=asked[0].pk).update(metadata={**asked[0].metadata, _MARK: True})


def _message_shift(message: Message, by: timedelta) -> None:
    _shift(Message.objects.filter(pk=message.pk), by, "created_at", "received_at")
    _shift(Interaction.objects.filter(message=message), by, "created_at", "occurred_at")
    _shift(Delivery.objects.filter(message=message), by, "created_at", "due_at", "delivered_at")


def _query_shift(message: Message, by: timedelta) -> None:
    queries = Query.objects.filter(message=message)
    runs = Run.objects.filter(pk__in=queries.values("run"))
    _shift(runs, by, "started_at", "finished_at")
    _shift(RunStep.objects.filter(run__in=runs), by, "started_at")
    _shift(Attempt.objects.filter(run_id__in=runs.values("pk")), by, "at")
    _shift(Delivery.objects.filter(query__in=queries, message=None), by, "created_at", "due_at", "delivered_at")
    _shift(queries, by, "created_at", "due_at", "finished_at")


def _escalations_shift(conversation: Conversation, seed: Seed, now: datetime) -> None:
    for escalation in Escalation.objects.filter(conversation=conversation).select_related("query__message"):
        asked = escalation.query.message
        ours = Escalation.objects.filter(pk=escalation.pk)
        opened = asked.created_at + timedelta(seconds=2)
        _shift(ours, opened - escalation.created_at, "created_at", "due_at", "response_due_at", "resolution_due_at")
        if seed.consultant:
            acted = seed.consultant.moment(now)
            moments = [name for name in ("closed_at", "first_reply_at", "waiting_since") if getattr(escalation, name)]
            ours.update(**dict.fromkeys(moments, acted))


def _lessons_shift(conversation: Conversation, seed: Seed, now: datetime) -> None:
    """What was learnt from what the consultant did was learnt then."""
    if seed.consultant is None:
        return
    at = seed.consultant.moment(now)
    Correction.objects.filter(escalation__conversation=conversation).update(created_at=at)
    ShadowComparison.objects.filter(message__conversation=conversation).update(created_at=at)
    ArticleProposal.objects.filter(message__conversation=conversation).update(created_at=at)
    asked = GapQuestion.objects.filter(query__conversation=conversation)
    moments = asked.values_list("gap_id", "query__created_at")
    for gap_id, moment in moments:
        gap = KnowledgeGap.objects.get(pk=gap_id)
        first = moment if gap.count == 1 else min(gap.first_at, moment)
        KnowledgeGap.objects.filter(pk=gap_id).update(first_at=first, last_at=moment)
        GapQuestion.objects.filter(gap=gap_id, query__conversation=conversation).update(at=moment)


def _conversation_span(conversation: Conversation) -> None:
    moments = list(conversation.messages.values_list("created_at", flat=True))
    Conversation.objects.filter(pk=conversation.pk).update(created_at=min(moments), updated_at=max(moments))


def _shift[M: Model](rows: QuerySet[M], by: timedelta, *fields: str) -> None:
    rows.update(**{name: F(name) + by for name in fields})
