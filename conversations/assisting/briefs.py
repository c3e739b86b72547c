"""The brief of a case: what the customer came for, what was tried, what is open, how they sound.

Made by the models that summarise, or the embedded engine, out of the thread, and checked like every summary: no
sentence stands in it that no message bears out. Off the request path; the page shows what is there.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from agents.routing import model_open
from agents.summary import Matter, Statement, StatementKind, SummaryDraft
from conversations.escalations.selectors import escalation_get
from conversations.insights.generation.generating import Drafted, draft_write, vault_for
from conversations.interactions.types import History, HistoryEvent, HistoryWindow
from conversations.models import CaseBrief, Conversation, Escalation, Message
from omnicqm.common.ids import new_id
from omnicqm.common.logs import get_logger
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)
TASK = "conversations.brief_write"
SCOPE = "case"  # in the cost ledger
SECONDS = 10.0
AGAIN_SECONDS = 30
MESSAGES = 40  # the newest ones of a thread
MOST = {StatementKind.PROBLEM: 2, StatementKind.OUTCOME: 3, StatementKind.OPEN: 2}  # sentences


def brief_request(*, escalation: Escalation) -> bool:
    """Have the brief written, or written anew, by a worker; of the same messages once in half a minute, however often
    it is asked for. Says whether it was asked for now."""
    seq = Conversation.objects.filter(pk=escalation.conversation_id).values_list("last_seq", flat=True).get()
    with suppress(RedisError, OSError):  # without the cache it is written as often as it is asked for
        if not cache.add(f"brief-asked-{escalation.pk}-{seq}", 1, AGAIN_SECONDS):
            return False
    task_enqueue(TASK, escalation.pk)
    return True


def brief_write(*, escalation_id: str, anew: bool = True) -> CaseBrief | None:
    """Write the brief of the case as its thread is now and keep it, unless one that knows more is kept already; not
    `anew`: unless one that knows as much is.

    None when no customer has said anything in it. Raises `EscalationNotFound` and `InsightLate`.
    """
    escalation = escalation_get(escalation_id)
    messages = _messages(escalation)
    kept = CaseBrief.objects.filter(escalation=escalation).first()
    if not anew and kept is not None and messages and kept.up_to_seq >= messages[-1].seq:
        return kept
    brief_id = new_id("brf")
    drafted = _draft(escalation, messages, brief_id)
    if drafted is None:
        return None
    texts = _texts(drafted.draft)
    fields = {
        "problem": texts[StatementKind.PROBLEM],
        "tried": texts[StatementKind.OUTCOME],
        "open_question": texts[StatementKind.OPEN],
        "mood": drafted.draft.mood,
        "up_to_seq": messages[-1].seq,
        "model_used": drafted.reply.model,
        "made_at": timezone.now(),
    }
    return _keep(escalation, brief_id, fields)


def _messages(escalation: Escalation) -> list[Message]:
    """The newest ones, oldest first, without notes among ourselves and what we say of our own accord."""
    said = Message.objects.filter(conversation=escalation.conversation_id).exclude(direction=Message.Direction.NOTE)
    return list(said.exclude(author=Message.Author.SYSTEM).order_by("-seq")[:MESSAGES])[::-1]


def _draft(escalation: Escalation, messages: Sequence[Message], brief_id: str) -> Drafted | None:
    if not messages:
        return None
    events = tuple(_event(message, escalation.conversation.reference) for message in messages)
    window = HistoryWindow(events[0].at, events[-1].at, MESSAGES, ())
    history = History(escalation.conversation.customer_id, window, events, query={}, digest="")
    deadline = time.monotonic() + SECONDS
    model = model_open(scope=SCOPE, run_id=brief_id, deadline=deadline, vault=vault_for(history))
    return draft_write(history, model, intent="misc")


def _event(message: Message, reference: str) -> HistoryEvent:
    return HistoryEvent(
        id=message.pk,
        at=message.received_at,
        channel=message.channel_id,
        author=message.author,
        intent="",
        text=message.text,
        reference=reference,
        resolved=False,
        external_id="",
    )


def _texts(draft: SummaryDraft) -> dict[StatementKind, str]:
    """The sentences of each kind; those of the matter that was spoken of last go first."""
    ordered = sorted(draft.matters, key=_newest, reverse=True)
    statements = [statement for matter in ordered for statement in matter.statements]
    return {kind: _joined(statements, kind, most) for kind, most in MOST.items()}


def _newest(matter: Matter) -> int:
    return max(number for statement in matter.statements for number in statement.events)


def _joined(statements: Iterable[Statement], kind: StatementKind, most: int) -> str:
    told = list(dict.fromkeys(one.text for one in statements if one.kind is kind))
    return " ".join(told[:most])


@transaction.atomic
def _keep(escalation: Escalation, brief_id: str, fields: dict[str, object]) -> CaseBrief:
    """Locked on the case: of two that are written at the same time the one that knows more stays."""
    Escalation.objects.select_for_update(no_key=True).get(pk=escalation.pk)
    kept = CaseBrief.objects.filter(escalation=escalation).first()
    if kept is None:
        return CaseBrief.objects.create(id=brief_id, escalation=escalation, **fields)
    if kept.up_to_seq <= int(str(fields["up_to_seq"])):
        for name, value in fields.items():
            setattr(kept, name, value)
        kept.save()
    return kept


def briefs_missing(*, within: timedelta) -> list[str]:
    """Active cases that were opened `within` this time and have no brief: what a lost task left undone."""
    since = timezone.now() - within
    lost = Escalation.objects.filter(state__in=Escalation.ACTIVE, brief=None, created_at__gt=since)
    return list(lost.order_by("created_at").values_list("pk", flat=True)[:20])
