"""The days before the demo's day: what consultants answered themselves, and what was learnt from it.

Like the day it goes through the product's own services, and may be killed and repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from django.contrib.auth.models import User
from django.utils import timezone

from agents.types import Autonomy
from conversations.answering.answered import suggestion_get
from conversations.escalations.services import escalation_claim, escalation_reply
from conversations.models import Channel, Escalation, Message, Query
from feedback.learning.articles import article_compare, article_propose
from feedback.learning.gaps import gap_note
from feedback.learning.listening import answer_learn
from omnicqm.demo.day import turns_play
from omnicqm.demo.placing import conversation_place, is_placed
from omnicqm.demo.seeds import DATA, Seed, seeds_of

_FILE = DATA / "lessons.yaml"
_ARTICLE = "rent-for-film"  # whose answer is proposed as an article
_CHANNEL = "outlook"


def lessons_load(*, consultant: User) -> int:
    """Load the cases and what follows from them; how many cases there are."""
    chapters: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return sum(_chapter_load(Autonomy(one["level"]), seeds_of(one["seeds"]), consultant) for one in chapters)


def _chapter_load(level: Autonomy, seeds: list[Seed], consultant: User) -> int:
    now = timezone.now()
    fresh = [seed for seed in seeds if not is_placed(seed.key)]
    if fresh:
        with _channel_at(level):
            turns_play(fresh)
    for seed in fresh:
        _act(seed, consultant)
        conversation_place(seed, now=now)
    return len(seeds)


@contextmanager
def _channel_at(level: Autonomy) -> Iterator[None]:
    """What the channel lets the assistant do alone meanwhile."""
    channel = Channel.objects.filter(pk=_CHANNEL)
    channel.update(autonomy=level)
    try:
        yield
    finally:
        channel.update(autonomy=Autonomy.AUTO)


def _act(seed: Seed, consultant: User) -> None:
    """The consultant answers as told, and the product learns from it; what was done already is done."""
    query = Query.objects.select_related("run").get(message__external_id=seed.external_id(0))
    gap_note(query_id=query.pk)
    escalation = Escalation.objects.filter(query=query, state__in=Escalation.ACTIVE).first()
    if escalation is not None and seed.consultant is not None:
        text = _text(seed, escalation)
        seen = escalation.conversation.last_seq
        escalation_claim(escalation=escalation, user=consultant, take_over=True)  # it may have gone to a colleague
        escalation_reply(escalation=escalation, user=consultant, text=text, known_seq=seen)
    message = Message.objects.filter(conversation=query.conversation_id, consultant=consultant).first()
    if message is None:
        return
    answer_learn(message_id=message.pk)
    if seed.key == _ARTICLE:
        article_compare(proposal_id=article_propose(message_id=message.pk, user=consultant).pk)


def _text(seed: Seed, escalation: Escalation) -> str:
    """The draft as it is, with something added, or words of their own."""
    assert seed.consultant
    suggestion = suggestion_get(escalation_id=escalation.pk)
    draft = suggestion.suggested.draft if suggestion else ""
    if seed.consultant.does == "reply" or not draft:
        return seed.consultant.text or "Hello,\n\nI look into it and write to you again today.\n\nRobin Hale"
    return f"{draft}\n\n{seed.consultant.text}".strip()
