"""Suggestions at a consultant's wish: the agent drafts once more, or a text is made shorter.

A worker writes them. Nothing of it goes out and nothing is replaced: the page offers what came, the consultant takes it
or leaves it. The draft of the case stays what it was.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents.revising import MAX_CHARS, draft_shorten
from agents.services import again_of, run_execute
from agents.types import REPLAYS, Blocker
from agents.variants import Recorded, Variant
from conversations.answering.request import personal_of, request_build
from conversations.errors import EscalationOver, NothingToReplay, TooManySuggestions
from conversations.escalations.drafts import draft_find, draft_offered
from conversations.escalations.packet import question_of
from conversations.models import Escalation, Query, Suggestion
from conversations.selectors import customer_get, customer_is_erased
from conversations.sources import sources_show
from omnicqm.common.errors import InvalidInput, OmniError
from omnicqm.common.ids import is_id
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue
from omnicqm.common.text import text_clean

log = get_logger(__name__)
TASK = "conversations.suggestion_work"
SCOPE = "case"
SECONDS = 15.0
AN_HOUR = 60  # suggestions one person may ask for
AT_ONCE = 3
LEASE = timedelta(minutes=2)  # longer than any run
GIVE_UP = timedelta(minutes=10)
KEPT = timedelta(days=7)
SHORTEST = 80  # characters below which nothing is worth shortening
# Dry: the tools that read our own tables answer as they do today, and nothing is written or asked elsewhere.
_DRY = Variant(scope=REPLAYS, recorded=Recorded())
State, Kind = Suggestion.State, Suggestion.Kind


@transaction.atomic
def suggestion_request(
    *, escalation: Escalation, user: Any, kind: str, text: str = "", draft_key: str | None = None
) -> Suggestion:
    """Note that `user` wants another draft, or `text` shorter; a worker writes it soon. `draft_key` is that of the
    draft which `text` was made of, the one that is offered unless told: what is shorter rests on the same sources.

    Raises `InvalidInput` for an unknown kind and a text that is too short or too long for it, `EscalationOver`, and
    `TooManySuggestions`.
    """
    text = _text_checked(kind, text)
    if escalation.state not in Escalation.ACTIVE:
        raise EscalationOver("This has been answered or closed already.")
    _limits_check(user)
    sources = _sources(escalation, draft_key) if kind == Kind.SHORTER else []
    made = Suggestion.objects.create(escalation=escalation, user=user, kind=kind, given=text, sources=sources)
    audit_record(
        actor=f"user:{user.pk}", action="suggestion.requested", obj=escalation, details={"id": made.pk, "kind": kind}
    )
    task_enqueue(TASK, made.pk)
    return made


def _sources(escalation: Escalation, draft_key: str | None) -> list[Any]:
    made_of = draft_offered(escalation) if draft_key is None else draft_find(escalation, draft_key)
    return list(made_of.sources) if made_of else []


def _text_checked(kind: str, text: str) -> str:
    if kind == Kind.AGAIN:
        return ""
    if kind != Kind.SHORTER:
        raise InvalidInput("Choose what to do: suggest again, or make it shorter.", param="kind")
    text = text_clean(text).strip()
    if not SHORTEST <= len(text) <= MAX_CHARS:
        raise InvalidInput(f"Only a text of {SHORTEST} to {MAX_CHARS:,} characters can be made shorter.", param="text")
    return text


def _limits_check(user: Any) -> None:
    mine = Suggestion.objects.filter(user=user)
    if mine.filter(state__in=Suggestion.OPEN).count() >= AT_ONCE:
        raise TooManySuggestions("Suggestions of yours are still being written. Wait until they are there.")
    if mine.filter(created_at__gt=timezone.now() - timedelta(hours=1)).count() >= AN_HOUR:
        raise TooManySuggestions(f"You have asked for {AN_HOUR} suggestions within an hour. Write this one yourself.")


def suggestion_work(*, suggestion_id: str) -> None:
    """Write it, unless somebody else does or has. Call it outside of a transaction: a model may be slow."""
    suggestion = _begin(suggestion_id)
    if suggestion is None:
        return
    try:
        found = _draft_again(suggestion) if suggestion.kind == Kind.AGAIN else _shorten(suggestion)
    except OmniError as error:
        log.info("suggestion_failed", suggestion=suggestion.pk, error=error.code)
        _end(suggestion, state=State.FAILED, reason=_told(error))
        return
    _end(suggestion, state=State.DONE, **found)


def _begin(suggestion_id: str) -> Suggestion | None:
    now = timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.WORKING, lease_until__lt=now)
    taken = Suggestion.objects.filter(free, pk=suggestion_id).update(state=State.WORKING, lease_until=now + LEASE)
    return Suggestion.objects.select_related("escalation__query").get(pk=suggestion_id) if taken else None


def _draft_again(suggestion: Suggestion) -> dict[str, Any]:
    """What the agent suggests today for all that waits for an answer, whatever it decided then."""
    queries = _queries(suggestion.escalation)
    _erasure_check(queries[-1].conversation.customer_id)
    _shadow_check(any(query.status == Query.Status.ESCALATED and query.run and query.run.shadow for query in queries))
    request = request_build(queries=queries, cancelled=lambda: False, on_sentence=None)
    # Of an origin of its own: no run of the same message is taken for one that a killed worker left, and it is erased.
    blockers = request.blockers - {Blocker.HUMAN_TOOK_OVER}
    asked = replace(request, origin=again_of(request.origin), blockers=blockers, may_clarify=False)
    result = run_execute(asked, variant=_DRY)
    _shadow_check(result.shadow is not None)
    if not result.reply_text.strip():
        raise NothingToReplay("The assistant found nothing that it could suggest.")
    return {"text": result.reply_text, "sources": sources_show(result), "model_used": result.model_used}


def _shorten(suggestion: Suggestion) -> dict[str, Any]:
    queries = _queries(suggestion.escalation)
    customer = customer_get(customer_id=queries[-1].conversation.customer_id)
    shortened = draft_shorten(
        text=suggestion.given,
        question=question_of(queries),
        scope=SCOPE,
        run_id=suggestion.pk,
        deadline=time.monotonic() + SECONDS,
        personal=personal_of(customer),
    )
    return {"text": shortened.text, "model_used": shortened.model_used}


def _queries(escalation: Escalation) -> list[Query]:
    """What the case is about, oldest first: its own query and those that joined it."""
    rows = Query.objects.filter(Q(pk=escalation.query_id) | Q(answered_with=escalation.query_id))
    related = "message__sender", "conversation__customer", "channel", "run"
    return list(rows.select_related(*related).order_by("message__seq"))


def _shadow_check(in_shadow: bool) -> None:
    """What it would write is told to nobody who is to be compared with it."""
    if in_shadow:
        raise NothingToReplay("The assistant only works in the shadow here: it suggests nothing.")


def _erasure_check(customer_id: str) -> None:
    if customer_is_erased(customer_id):
        raise NothingToReplay("The customer has had their data deleted: there is nothing left to answer.")


def _told(error: OmniError) -> str:
    """For a consultant; what goes on inside is in the log."""
    known = {"output_invalid": "The text could not be made shorter without changing what it says."}
    return known.get(error.code, error.message)[:300]


def _end(suggestion: Suggestion, **changes: Any) -> None:
    """Only while it is ours: what was given up or erased meanwhile stays as it is."""
    ours = Suggestion.objects.filter(pk=suggestion.pk, state=State.WORKING)
    ours.update(**changes, finished_at=timezone.now(), lease_until=None)


def suggestion_get(*, suggestion_id: str, user: Any) -> Suggestion | None:
    """For the one who asked for it, and nobody else."""
    return Suggestion.objects.filter(pk=suggestion_id, user=user).first() if is_id(suggestion_id, "sug") else None


def suggestions_sweep() -> Sequence[str]:
    """Wake workers for what was left, give up what is too old, forget what has had its use."""
    now = timezone.now()
    Suggestion.objects.filter(created_at__lt=now - KEPT).delete()
    open_ones = Suggestion.objects.filter(state__in=Suggestion.OPEN)
    open_ones.filter(created_at__lt=now - GIVE_UP).update(
        state=State.FAILED, reason="Nobody wrote it in time. Ask for it again.", finished_at=now, lease_until=None
    )
    free = Q(state=State.WAITING) | Q(state=State.WORKING, lease_until__lt=now)
    lost = list(open_ones.filter(free, created_at__lt=now - timedelta(seconds=20)).values_list("pk", flat=True)[:20])
    for suggestion_id in lost:
        task_enqueue(TASK, suggestion_id)
    return lost
