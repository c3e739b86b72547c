"""Which events are about one thing: by their reference, else by their intent, else by what follows what."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import said_of
from agents.words import content_words

PAUSE = timedelta(days=3)  # on one channel, without a reference: after longer ones something new begins
MIN_SHARED = 3  # content words that tell the same matter on another channel


def matters_of(events: Sequence[Event]) -> list[list[Event]]:
    """The events by matter, each in order. What says nothing at all stays out, unless nothing else is there."""
    matters: list[list[Event]] = []
    for event in events:
        matter = _matter_for(event, matters)
        if matter is None:
            matters.append([event])
        else:
            matter.append(event)
    telling = [matter for matter in matters if any(event.sentences for event in matter)]
    return telling or [list(events)]


def _matter_for(event: Event, matters: Sequence[list[Event]]) -> list[Event] | None:
    """The newest matter that `event` goes on."""
    return next((matter for matter in reversed(matters) if _goes_on(event, matter)), None)


def _goes_on(event: Event, matter: Sequence[Event]) -> bool:
    references = {one.reference for one in matter if one.reference}
    if event.reference or references:
        return event.reference in references
    last = matter[-1]
    intents = {one.intent.lower() for one in matter if one.intent}
    if event.intent and intents:
        return event.intent.lower() in intents
    if event.at - last.at <= PAUSE and (event.channel == last.channel or _only_answers(event)):
        return True
    return len(_words([event]) & _words(matter)) >= MIN_SHARED


def _only_answers(event: Event) -> bool:
    """Whether it tells nothing of the customer's side, such as a task in a CRM that follows a call."""
    return not any(one.is_customers for one in said_of([event]))


def _words(events: Iterable[Event]) -> set[str]:
    return {word for event in events for sentence in event.sentences for word in content_words(sentence.text)}
