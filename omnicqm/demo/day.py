"""The demo's day: every message goes through the product's own services, then the rows are dated back.

Loading may be killed at any moment and repeated: a message is known by its external id, and what has been dated back
carries a mark.
"""

import time
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils import timezone

from conversations.answering.services import query_answer
from conversations.escalations.services import escalation_claim, escalation_close, escalation_reply
from conversations.models import Channel, Delivery, Escalation, Query
from conversations.services.accept import message_accept
from omnicqm.common.errors import ServiceUnavailable
from omnicqm.demo.placing import conversation_place, is_placed
from omnicqm.demo.seeds import Seed, seeds_read

PATIENCE_SECONDS = 180
DELIVERY_SECONDS = 3


def day_load(*, consultant: User) -> int:
    """Load the conversations; how many there are. Raises `ServiceUnavailable` when a query does not end."""
    now = timezone.now()
    seeds = seeds_read()
    fresh = [seed for seed in seeds if not is_placed(seed.key)]
    turns_play(fresh)
    for seed in fresh:
        _consultant_act(seed, consultant)
    _deliveries_await(fresh)
    for seed in fresh:
        conversation_place(seed, now=now)
    return len(seeds)


def turns_play(seeds: list[Seed]) -> None:
    """All first messages, then all second ones: an answer comes before the next message of its thread. Waits until all
    have ended."""
    channels = {channel.pk: channel for channel in Channel.objects.all()}
    conversations: dict[str, str] = {}
    for index in range(max((len(seed.turns) for seed in seeds), default=0)):
        queries = []
        for seed in seeds:
            if index < len(seed.turns):
                inbound = seed.inbound(index, channels, conversations.get(seed.key, ""))
                accepted = message_accept(inbound=inbound)
                conversations[seed.key] = accepted.message.conversation_id
                queries.append(accepted.query.pk)
        _answer_all(queries)


def _answer_all(query_ids: Iterable[str]) -> None:
    """Answer here, beside the worker if one runs, and wait until all have ended."""
    waiting = list(query_ids)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pending := _pending(waiting):
        for query_id in pending:
            query_answer(query_id=query_id)
        if time.monotonic() > deadline:
            raise ServiceUnavailable("The demo's messages were not answered in time. See the worker's log.")
        if _pending(pending):
            time.sleep(0.1)  # a worker has them, or they wait for another try


def _pending(query_ids: list[str]) -> list[str]:
    pending = Query.objects.filter(pk__in=query_ids, status__in=Query.PENDING)
    return list(pending.order_by("created_at").values_list("pk", flat=True))


def _deliveries_await(seeds: list[Seed]) -> None:
    """Give a running worker a moment to send the mails, so that they are dated back too; without one they wait."""
    asked = [seed.external_id(index) for seed in seeds for index in range(len(seed.turns))]
    unsent = Delivery.objects.filter(
        query__message__external_id__in=asked, state__in=[Delivery.State.PENDING, Delivery.State.SENDING]
    )
    deadline = time.monotonic() + DELIVERY_SECONDS
    while unsent.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def _consultant_act(seed: Seed, user: User) -> None:
    """Reply, claim or close as told; nothing when it was done already or the assistant answered by itself."""
    act = seed.consultant
    escalation = Escalation.objects.filter(
        query__message__external_id=seed.external_id(len(seed.turns) - 1), state__in=Escalation.ACTIVE
    ).first()
    if act is None or escalation is None:
        return
    if act.does == "reply":
        seen = escalation.conversation.last_seq
        escalation_reply(escalation=escalation, user=user, text=act.text, known_seq=seen)
    elif act.does == "close":
        escalation_close(escalation=escalation, user=user, reason=act.text)
    else:
        escalation_claim(escalation=escalation, user=user)
