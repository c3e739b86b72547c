"""What is left open: a question nobody answered, a promise not recorded as kept, a matter recorded as unresolved."""

from collections.abc import Sequence

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, Told, clip, said_by
from agents.providers.local.summarising.words import nothing_known_in, promise_in, trouble_in

UNRESOLVED = "Recorded as not resolved."


def open_of(events: Sequence[Event], outcomes: Sequence[Told]) -> list[Told]:
    """At most one statement; none when the matter was recorded as settled or nothing shows that it is not."""
    recorded = next((event.resolved for event in reversed(events) if event.resolved is not None), None)
    if recorded:
        return []
    found = _unanswered(events) or _promised(events) or _not_known(outcomes)
    if found is None and recorded is False:
        found = Told("open", UNRESOLVED, (events[-1].number,))
    return [found] if found else []


def _unanswered(events: Sequence[Event]) -> Told | None:
    """What the customer asked or complained of after the company last said something."""
    answered = max((event.number for event in events if not event.is_customers and event.sentences), default=0)
    left = [one for one in said_by(events, customer=True) if one.event.number > answered]
    asked = [one for one in left if one.sentence.wants_something or trouble_in(one.text)]
    return _told("No answer yet to", asked[-1]) if asked else None


def _promised(events: Sequence[Event]) -> Told | None:
    """The last promise, unless the company said something else on a later day."""
    promised = [one for one in said_by(events, customer=False) if promise_in(one.text)]
    if not promised:
        return None
    later = [event for event in events if event.at.date() > promised[-1].event.at.date()]
    return None if any(not event.is_customers for event in later) else _told("Announced", promised[-1])


def _not_known(outcomes: Sequence[Told]) -> Told | None:
    """The last answer was that there is none."""
    last = outcomes[-1].quotes[-1] if outcomes else None
    if last is None or not nothing_known_in(last.text):
        return None
    return Told("open", "The last answer did not settle the question.", (last.event.number,))


def _told(label: str, one: Said) -> Told:
    return Told("open", f"{label}: “{clip(one.text)}”", (one.event.number,), (one,))
