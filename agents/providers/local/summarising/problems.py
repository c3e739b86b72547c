"""The problem: what the customer came for, in their own words."""

import re
from collections.abc import Iterator, Sequence

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, Told, quote, told_of
from agents.providers.local.summarising.turns import Turn
from agents.providers.local.summarising.words import deed_in, trouble_in
from agents.words import content_words, numbers_in, words_in

MAX_SENTENCES = 4
MAX_CHARS = 340
WORTH_ADDING = 0.9
NOT_SAID = "What the customer wanted is not in the record."
_NUMBERED = re.compile(
    r"\b(?P<thing>order|invoice|booking|reservation|case|ticket|tracking|confirmation|contract|policy|claim|bestellung|"
    r"rechnung|vertrag|auftrag)(?:s?nummer)?\s*(?:id|number|no\.?|nr\.?|code|reference)?\s*(?:is|ist)?\s*[:#]?\s*"
    r"(?P<number>(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{4,})\b",
    re.IGNORECASE,
)


def problem_of(events: Sequence[Event], turns: Sequence[Turn]) -> Told:
    """What the customer wants, from their own words if there are any, else from what was recorded about them."""
    asked = [turn.asked for turn in turns if turn.asked]
    picked = _picks(asked) if asked else _recorded(turns)
    if not picked:
        return Told("problem", NOT_SAID, (events[-1].number,))
    told = told_of("problem", "", picked)
    for event, thing, number in _numbered(events):
        if number not in told.text:
            numbers = tuple(dict.fromkeys((*told.events, event.number)))
            return Told("problem", f"{told.text}; {thing} {number}", numbers, told.quotes)
    return told


def _recorded(turns: Sequence[Turn]) -> list[Said]:
    """What others noted of it, for a customer who is not quoted: a record tells the problem first, then the deeds."""
    said = [one for turn in turns for one in turn.replied]
    return [one for one in said if not deed_in(one.text)][:2] or said[:1]


def _picks(asked: Sequence[Sequence[Said]]) -> list[Said]:
    """The best sentence of the first turn and of the last, then what else adds most, in the order they were said."""
    said = [one for turn in asked for one in turn]
    worth = {one: _worth(one, asked[0]) for one in said}
    ranked = sorted(said, key=lambda one: -worth[one])
    ends = [max(turn, key=lambda one: worth[one]) for turn in (asked[0], asked[-1])]
    picked: list[Said] = []
    for one in [*ends, *ranked]:
        wanted = one in ends or worth[one] >= WORTH_ADDING
        if not picked or (wanted and _adds(one, picked) and _fits(picked, one)):
            picked.append(one)
    return sorted(picked[:MAX_SENTENCES], key=lambda one: one.place)


def _adds(one: Said, picked: Sequence[Said]) -> bool:
    known = set().union(*(content_words(other.text) for other in picked))
    return one not in picked and len(content_words(one.text) - known) >= (1 if one.sentence.wants_something else 2)


def _fits(picked: Sequence[Said], one: Said) -> bool:
    return len(quote(sorted([*picked, one], key=lambda said: said.place))) <= MAX_CHARS


def _worth(one: Said, first: Sequence[Said]) -> float:
    """How much a sentence tells of what the customer came for: early ones, wishes, trouble, numbers."""
    worth = 1.0 if one.event is first[0].event else 0.0
    worth += 1.0 if one.sentence.wants_something else 0.0
    worth += 1.2 if trouble_in(one.text) else 0.0
    worth += 0.4 if numbers_in(one.text) else 0.0
    worth -= 1.0 if len(words_in(one.text)) + len(numbers_in(one.text)) < 4 else 0.0
    return worth + 0.1 * min(4, len(content_words(one.text)))


def _numbered(events: Sequence[Event]) -> Iterator[tuple[Event, str, str]]:
    """What has a number of its own, such as an order, and where it was told."""
    for event in events:
        for match in _NUMBERED.finditer(event.text):
            yield event, match["thing"].lower(), match["number"]
