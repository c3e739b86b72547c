"""A text is judged: the row is claimed, a judge reads, what it says is stored. Twice is once.

A judge that fails is asked again later, three times in all; then its row says that there is no judgement, and the
embedded judge, which needs no network, judges in its place under its own version. Nothing is ever made up.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from agents.budgets import budget_spent
from agents.errors import AgentError, OutputInvalid
from agents.judging import Judge, Marks, judge_get
from agents.judging.model import SCOPE
from agents.routing import run_usage
from agents.types import Aspect, Grade
from conversations.answering.written import Written, run_of, runs_written, written_get
from feedback.judging.cases import case_build
from feedback.models import Judgement
from omnicqm.common.errors import OmniError
from omnicqm.common.events import event_publish
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
EMBEDDED = "embedded"
SECONDS = 60.0  # for one judgement, all models and repairs together
LEASE = timedelta(minutes=3)  # longer than that
MAX_TRIES = 3
RETRY = timedelta(minutes=1)  # times four after each try
SWEEP_SINCE, SWEEP_UNTIL = timedelta(days=7), timedelta(minutes=1)  # older is history, younger is under way
SWEEP_MOST, SWEEP_SECONDS = 50, 45.0


def reply_judge(*, message_id: str = "", query_id: str = "") -> Judgement | None:
    """Judge the reply a message is, or the suggestion that a query was escalated with; None when there is none."""
    run_id = run_of(message_id=message_id, query_id=query_id)
    return run_judge(run_id=run_id) if run_id else None


def run_judge(*, run_id: str) -> Judgement | None:
    """Judge what a run wrote, by the judge that settings name; by the embedded one once its money is spent.

    None when there is nothing to judge, it is judged already, or somebody else is about to. Call it outside of a
    transaction: a model may be asked. Whatever fails is in the row, not raised.
    """
    written = written_get(run_id=run_id)
    judge = judge_get(settings.JUDGE if _money_left() else EMBEDDED)
    _give_up(run_id, version=judge.version if written else "")
    if written is None:
        return None
    judged = _judge(written, judge)
    if judged is not None and judged.state == Judgement.State.FAILED and judge.name != EMBEDDED:
        return _judge(written, judge_get(EMBEDDED))
    return judged


def embedded_verdict(written: Written) -> Grade:
    """What the embedded judge says of a text, for those who compare: nothing is stored. May raise `AgentError`."""
    case = case_build(written, judgement_id="")
    return judge_get(EMBEDDED).judge(case, deadline=time.monotonic() + SECONDS).verdict


def judgements_sweep() -> int:
    """Judge what was missed or is to be tried again, the newest first; returns how many were taken up."""
    until, count = time.monotonic() + SWEEP_SECONDS, 0
    for run_id in [*_again(), *_missed()][:SWEEP_MOST]:
        if time.monotonic() > until:
            break
        run_judge(run_id=run_id)
        count += 1
    return count


def _again() -> list[str]:
    due = Judgement.objects.filter(state=Judgement.State.PENDING, due_at__lte=timezone.now())
    return list(due.order_by("-created_at").values_list("run_id", flat=True)[:SWEEP_MOST])


def _missed() -> list[str]:
    now = timezone.now()
    written = runs_written(since=now - SWEEP_SINCE, until=now - SWEEP_UNTIL)
    unjudged = written.filter(~Exists(Judgement.objects.filter(run=OuterRef("run"))))
    return list(dict.fromkeys(unjudged[:SWEEP_MOST]))


def _give_up(run_id: str, *, version: str) -> None:
    """What waits for another version of the judge than `version` ("" for all) waits in vain."""
    waiting = Judgement.objects.filter(run=run_id, state=Judgement.State.PENDING, due_at__lte=timezone.now())
    waiting.exclude(judge_version=version).update(state=Judgement.State.FAILED, error_code="given_up")


def _money_left() -> bool:
    return settings.JUDGE == EMBEDDED or budget_spent(SCOPE) < settings.JUDGE_USD_PER_DAY


def _judge(written: Written, judge: Judge) -> Judgement | None:
    judgement = _claim(written, judge)
    if judgement is None:
        return None
    started = time.monotonic()
    try:
        marks = judge.judge(case_build(written, judgement_id=judgement.pk), deadline=started + SECONDS)
    except Exception as error:
        return _failed(judgement, error)
    return _judged(judgement, marks, ms=round((time.monotonic() - started) * 1000))


def _claim(written: Written, judge: Judge) -> Judgement | None:
    """The row, held for this process until its lease is over; None when it is done or somebody else has it."""
    now = timezone.now()
    judgement, _ = Judgement.objects.get_or_create(
        run_id=written.run_id,
        judge_version=judge.version,
        defaults={"kind": written.kind, "judge": judge.name, "judge_hash": judge.digest, "due_at": now},
    )
    due = Judgement.objects.filter(pk=judgement.pk, state=Judgement.State.PENDING, due_at__lte=now)
    if not due.update(due_at=now + LEASE, tries=F("tries") + 1):
        return None
    judgement.refresh_from_db()
    return judgement


@transaction.atomic
def _judged(judgement: Judgement, marks: Marks, *, ms: int) -> Judgement:
    for aspect in Aspect:
        mark = marks.of(aspect)
        setattr(judgement, aspect, mark.score)
        setattr(judgement, f"{aspect}_label", mark.grade or "")
        setattr(judgement, f"{aspect}_rationale", mark.rationale)
    judgement.claims = [
        {"text": claim.text, "supported": claim.supported, "sources": list(claim.sources)} for claim in marks.claims
    ]
    judgement.claims_supported = sum(claim.supported for claim in marks.claims)
    judgement.claims_unsupported = len(marks.claims) - judgement.claims_supported
    judgement.verdict, judgement.model, judgement.error_code = marks.verdict, marks.model, ""
    _cost_note(judgement)
    return _end(judgement, Judgement.State.JUDGED, judged_at=timezone.now(), latency_ms=ms)


def _failed(judgement: Judgement, error: Exception) -> Judgement:
    """To be tried again later, or given up."""
    judgement.error_code = error.code if isinstance(error, OmniError) else "internal"
    log.warning(
        "judging_failed",
        judgement=judgement.pk,
        run_id=judgement.run_id,
        code=judgement.error_code,
        tries=judgement.tries,
        exc_info=None if isinstance(error, AgentError) else error,
    )
    _cost_note(judgement)
    if judgement.tries < MAX_TRIES and _may_help(error):
        judgement.due_at = _later(judgement.tries)
        return _end(judgement, Judgement.State.PENDING)
    return _end(judgement, Judgement.State.FAILED)


def _may_help(error: Exception) -> bool:
    """Whether another try may end otherwise. What is no error of ours to name may have been a moment's."""
    return not isinstance(error, AgentError) or isinstance(error, OutputInvalid) or bool(error.transient)


def _later(tries: int) -> datetime:
    return timezone.now() + RETRY * 4 ** (tries - 1)


def _cost_note(judgement: Judgement) -> None:
    """What all calls for it cost so far, by the ledger."""
    used = run_usage(judgement.pk)
    judgement.input_tokens = used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
    judgement.output_tokens, judgement.cost_usd = used.output_tokens, used.cost_usd


@transaction.atomic
def _end(
    judgement: Judgement,
    state: Judgement.State,
    *,
    judged_at: datetime | None = None,
    latency_ms: int | None = None,
) -> Judgement:
    """Store it, unless who held the lease longer has done so meanwhile."""
    judgement.state, judgement.judged_at, judgement.latency_ms = state, judged_at, latency_ms
    held = Judgement.objects.select_for_update().filter(pk=judgement.pk, state=Judgement.State.PENDING)
    if held.filter(tries=judgement.tries).exists():
        judgement.save()
        if state == Judgement.State.JUDGED:
            event_publish("reply.judged", judgement_id=judgement.pk)
    return judgement
