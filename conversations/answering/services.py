"""From a query that somebody woke us for to its end: claim, run, finish. The only place that catches everything."""

from datetime import timedelta

from django.utils import timezone

from agents.services import run_execute
from agents.types import RunResult
from conversations.answering.finish import Outcome, query_fail, query_finish, query_stop
from conversations.answering.request import person_has_it, request_build
from conversations.answering.stream import ReplyStream
from conversations.errors import LeaseLost
from conversations.models import Conversation, Query
from conversations.work.claims import newer_query_exists, queries_alongside, query_claim, query_release
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

MAX_TRIES = 3  # runs; after them a person gets it
MAX_ESCALATION_TRIES = 3  # attempts to store that; after them it has failed
RERUNS = 2  # times a reply is thrown away because the customer wrote again
PAUSE = timedelta(seconds=5)  # after the first try that broke; twice as long after the second, …


def query_answer(*, query_id: str) -> None:
    """Work on the conversation of `query_id` until nothing of it is left for us to do now.

    Safe to call at any time and any number of times: without a claim it does nothing. Whatever breaks gives the query
    back for another try; after `MAX_TRIES` a person gets it.
    """
    for rerun in range(RERUNS + 1):
        claim = query_claim(query_id=query_id)
        if claim is None:
            return
        outcome = _work_safely(claim, may_yield=rerun < RERUNS)
        if outcome is not Outcome.SUPERSEDED:
            return
        query_release(claim=claim, due_at=timezone.now(), failed=False)


def _work_safely(claim: Query, *, may_yield: bool) -> Outcome | None:
    """None when the work broke: the claim has been given back or was lost."""
    stream = ReplyStream(claim)
    outcome = None
    try:
        outcome = _work(claim, stream, may_yield)
    except LeaseLost:
        log.warning("query_lease_lost", query=claim.pk, tries=claim.tries)
    except Exception:
        log.exception("query_work_broke", query=claim.pk, tries=claim.tries)
        _give_back(claim)
    finally:
        if outcome is not Outcome.SENT:
            stream.take_back()
        stream.end()
    return outcome


def _work(claim: Query, stream: ReplyStream, may_yield: bool) -> Outcome:
    if claim.tries > MAX_TRIES:
        return query_finish(claim=claim, alongside=list(queries_alongside(claim)), result=None, may_yield=False)
    stream.begin()
    alongside = list(queries_alongside(claim).select_related("message"))
    result = _run(claim, alongside, stream, may_yield)
    if stream.is_stopped():
        return query_stop(claim=claim, alongside=alongside, run_id=result.run_id)
    return query_finish(claim=claim, alongside=alongside, result=result, may_yield=may_yield)


def _run(claim: Query, alongside: list[Query], stream: ReplyStream, may_yield: bool) -> RunResult:
    def cancelled() -> bool:
        taken = person_has_it(Conversation.objects.get(pk=claim.conversation_id))
        return taken or (may_yield and newer_query_exists(claim))

    request = request_build(queries=[*alongside, claim], cancelled=cancelled, on_sentence=stream.sentence)
    return run_execute(request)


def _give_back(claim: Query) -> None:
    if claim.tries >= MAX_TRIES + MAX_ESCALATION_TRIES:
        query_fail(claim=claim, reason="It could neither be answered nor be handed to a person.")
    else:
        query_release(claim=claim, due_at=timezone.now() + PAUSE * 2 ** (claim.tries - 1), failed=True)
