"""The problem: what the customer came for, in their own words."""

import re
from collections.abc import Iterator, Sequence

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, Told, quote, said_by
from agents.providers.local.summarising.words import deed_in, trouble_in
from agents.words import content_words, numbers_in, words_in

MAX_SENTENCES = 3
MAX_CHARS = 270
WORTH_ADDING = 0.9
NOT_SAID = "What the customer wanted is not in the record."
_NUMBERED = re.compile(
    r"\b(?P<thing>order|invoice|booking|reservation|case|ticket|tracking|confirmation|contract|policy|claim|bestellung|"
    r"rechnung|vertrag|auftrag)(?:s?nummer)?\s*(?:id|number|no\.?|nr\.?|code|reference)?\s*(?:is|ist)?\s*[:#]?\s*"
    r"(?P<number>(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{4,})\b",
    re.IGNORECASE,
)


def problem_of(events: Sequence[Event]) -> Told:
    """What the customer wants, from their own words if there are any, else from what was recorded about them."""
    said = said_by(events, customer=True) or _recorded(events)
    if not said:
        return Told("problem", NOT_SAID, (events[-1].number,))
    picked = _picks(said)
    numbers = [one.event.number for one in picked]
    told = quote(picked)
    for event, thing, number in _numbered(events):
        if number not in told:
            told = f"{told}; {thing} {number}"
            numbers.append(event.number)
            break
    return Told("problem", told, tuple(dict.fromkeys(numbers)), tuple(picked))


def _recorded(events: Sequence[Event]) -> list[Said]:
    """What others noted of it, for a customer who is not quoted: a record tells the problem first, then the deeds."""
    said = said_by(events, customer=False)
    return [one for one in said if not deed_in(one.text)][:2] or said[:1]


def _picks(said: Sequence[Said]) -> list[Said]:
    """The best sentence, the last thing asked for, and what else adds to it, in the order they were said."""
    ranked = sorted(said, key=lambda one: -_worth(one, said))
    last = [one for one in reversed(said) if one.sentence.wants_something and len(words_in(one.text)) >= 4][:1]
    picked: list[Said] = []
    for one in [ranked[0], *last, *ranked[1:]]:
        if not picked or (_adds(one, picked) and _worth(one, said) >= WORTH_ADDING and _fits(picked, one)):
            picked.append(one)
        if len(picked) == MAX_SENTENCES:
            break
    return sorted(picked, key=lambda one: one.place)


def _adds(one: Said, picked: Sequence[Said]) -> bool:
    known = set().union(*(content_words(other.text) for other in picked))
    return one not in picked and len(content_words(one.text) - known) >= 2


def _fits(picked: Sequence[Said], one: Said) -> bool:
    return len(quote(sorted([*picked, one], key=lambda said: said.place))) <= MAX_CHARS


def _worth(one: Said, said: Sequence[Said]) -> float:
    """How much a sentence tells of what the customer came for: early ones, wishes, trouble, numbers."""
    worth = 1.0 if one.event is said[0].event else 0.0
    worth += 1.0 if one.sentence.wants_something else 0.0
    worth += 1.2 if trouble_in(one.text) else 0.0
    worth += 0.4 if numbers_in(one.text) else 0.0
    worth -= 1.0 if len(words_in(one.text)) + len(numbers_in(one.text)) < 4 else 0.0
    return worth - 0.2 * said.index(one) / len(said)


def _numbered(events: Sequence[Event]) -> Iterator[tuple[Event, str, str]]:
    """What has a number of its own, such as an order, and where it was told."""
    for event in events:
        for match in _NUMBERED.finditer(event.text):
            yield event, match["thing"].lower(), match["number"]
