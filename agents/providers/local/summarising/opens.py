"""What is left open: a question nobody answered, a promise not recorded as kept, a matter recorded as unresolved."""

from collections.abc import Sequence

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, Told, said_of, told_of
from agents.providers.local.summarising.turns import Turn
from agents.providers.local.summarising.words import promise_in, trouble_in

MAX_OPEN = 2
NO_ANSWER = "Nobody has answered yet."
UNRESOLVED = "Recorded as not resolved."


def open_of(events: Sequence[Event], turns: Sequence[Turn], problem: Told) -> list[Told]:
    """What is open, the most pressing first; nothing when the matter was recorded as settled."""
    recorded = next((event.resolved for event in reversed(events) if event.resolved is not None), None)
    if recorded:
        return []
    found = [*_unanswered(turns, problem), *_promised(events), *_not_known(turns)]
    if not found and recorded is False:
        found = [Told("open", UNRESOLVED, (events[-1].number,))]
    return found[:MAX_OPEN]


def _unanswered(turns: Sequence[Turn], problem: Told) -> list[Told]:
    """What the customer asked or complained of last, if the company said nothing to it."""
    last = turns[-1]
    asked = [] if last.replied else [one for one in last.asked if _is_wanted(one)]
    if not asked:
        return []
    if set(asked) <= set(problem.quotes):
        return [Told("open", NO_ANSWER, (asked[-1].event.number,))]
    left = [one for one in asked if one not in problem.quotes]
    return [told_of("open", "No answer yet to", left[-2:])]


def _promised(events: Sequence[Event]) -> list[Told]:
    """The last promise, unless the company said something else on a later day."""
    promised = [one for one in said_of(events) if not one.event.is_customers and promise_in(one.text)]
    if not promised:
        return []
    later = [event for event in events if event.at.date() > promised[-1].event.at.date()]
    kept = any(not event.is_customers for event in later)
    return [] if kept else [told_of("open", "Announced", promised[-1:])]


def _not_known(turns: Sequence[Turn]) -> list[Told]:
    """The last questions to which the company only said that it has no answer."""
    unanswered = [turn for turn in turns if turn.asked and turn.is_unanswered]
    if not unanswered:
        return []
    asked = [([one for one in turn.asked if _is_wanted(one)] or turn.asked)[-1] for turn in unanswered[-2:]]
    told = told_of("open", "Not answered", asked)
    return [Told(told.kind, told.text, (*told.events, unanswered[-1].replied[-1].event.number), told.quotes)]


def _is_wanted(one: Said) -> bool:
    return one.sentence.wants_something or trouble_in(one.text)
