"""What the agent was asked once, put together again so that it can be asked anew."""

from dataclasses import replace

from agents.selectors import run_get
from agents.types import Blocker, RunRequest
from conversations.answering.request import may_clarify, request_build
from conversations.errors import NothingToReplay
from conversations.models import Query
from conversations.selectors import customer_is_erased


def request_rebuild(*, run_id: str) -> RunRequest:
    """The request of an earlier run: its messages, the thread before them and who was known to have sent them, as they
    were then; the customer's records and what channel and category allow, as they are now.

    A person who has taken over since is no reason to escalate; one who had then is. Raises `RunNotFound`, and
    `NothingToReplay` when the run is about no message here or its customer has had their data deleted.
    """
    run, queries = run_get(run_id), replayable_queries(run_id=run_id)
    request = request_build(queries=queries, cancelled=lambda: False, on_sentence=None)
    before = request.blockers - {Blocker.HUMAN_TOOK_OVER, Blocker.PEOPLE_ONLY}
    had_it = {Blocker.HUMAN_TOOK_OVER} & {Blocker(name) for name in run.blockers}
    first = queries[0]
    asked_back = may_clarify(first.conversation, before_seq=first.message.seq)
    return replace(request, blockers=before | had_it, may_clarify=asked_back)


def replayable_queries(*, run_id: str) -> list[Query]:
    """The queries that the run `run_id` was about, oldest first. Raises like `request_rebuild`."""
    related = "message__sender", "conversation__customer", "channel"
    rows = Query.objects.select_related(*related).order_by("message__seq")
    queries = list(rows.filter(run=run_id)) or list(rows.filter(pk=run_get(run_id).origin))
    if not queries:
        raise NothingToReplay("This run belongs to no message of a customer, so there is nothing to run again.")
    if customer_is_erased(queries[0].conversation.customer_id):
        raise NothingToReplay("The customer has had their data deleted: there is nothing left to run again.")
    return queries
