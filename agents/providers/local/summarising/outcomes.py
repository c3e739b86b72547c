"""The outcome: what was answered or done, in the words of whoever answered or did it."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, Told, quote, said_by
from agents.providers.local.summarising.words import deed_in, nothing_known_in
from agents.providers.local.text import Kind
from agents.words import content_words, numbers_in

MAX_SENTENCES = 3
MAX_CHARS = 270
MIN_WORTH, TELLING = 1.0, 1.8
_SPEAKERS = {"assistant": "The assistant answered", "consultant": "A consultant answered"}
RECORD = "On record"


def outcomes_of(events: Sequence[Event], problem: Told) -> list[Told]:
    """The sentences that tell most of what came of the problem, in order, one statement an event: the best of all the
    company said, the best of each reply to what is quoted of the customer, then others that tell much."""
    said = [
        one
        for one in said_by(events, customer=False)
        if one not in problem.quotes and one.sentence.kind is not Kind.QUESTION
    ]
    parts = list(_parts(events, said, problem))
    best = [found for part in parts for found in _ranked(*part)[:1]]
    picked = sorted(
        list(dict.fromkeys([*best, *_ranked(*parts[0], least=TELLING)]))[:MAX_SENTENCES], key=lambda one: one.place
    )
    return [_told(list(told)) for _, told in groupby(picked, key=lambda one: one.event.number)]


def _told(said: Sequence[Said]) -> Told:
    """What one event says; its last sentence alone when that is enough to fill a statement."""
    while len(said) > 1 and len(quote(said)) > MAX_CHARS:
        said = said[1:]
    speaker = _SPEAKERS.get(said[0].event.author, RECORD)
    return Told("outcome", f"{speaker}: {quote(said)}", (said[0].event.number,), tuple(said))


def _parts(events: Sequence[Event], said: Sequence[Said], problem: Told) -> Iterator[tuple[list[Said], set[str]]]:
    """Where to look for an outcome, and the words that it should be about: first all that was said with what was done
    last, then the reply to each sentence of the problem."""
    first = next((event.number for event in events if event.is_customers), 0)
    yield [one for one in said if one.event.number >= first], content_words(problem.text)
    for asked in reversed(problem.quotes):
        begins = asked.event.number
        ends = next((event.number for event in events if event.number > begins and _asks(event)), events[-1].number + 1)
        yield [one for one in said if begins < one.event.number < ends], content_words(asked.text)


def _asks(event: Event) -> bool:
    return event.is_customers and any(sentence.wants_something for sentence in event.sentences)


def _ranked(said: Sequence[Said], wanted: set[str], least: float = MIN_WORTH) -> list[Said]:
    """Those that tell something of the outcome, best first."""
    worth = {one: _worth(one, said, wanted) for one in said}
    return sorted((one for one in said if worth[one] >= least), key=lambda one: -worth[one])


def _worth(one: Said, said: Sequence[Said], wanted: set[str]) -> float:
    """How much a sentence tells of the outcome: deeds, what was asked about, numbers, and rather late than early."""
    told = content_words(one.text)
    worth = 1.5 if deed_in(one.text) else 0.0
    worth += 1.5 * min(1.0, len(told & wanted) / 3)
    worth += 0.4 if numbers_in(one.text) else 0.0
    worth += 0.3 if nothing_known_in(one.text) else 0.0
    return worth + 0.6 * (said.index(one) + 1) / len(said)
