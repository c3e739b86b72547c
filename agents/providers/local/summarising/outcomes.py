"""The outcome: what was answered or done, in the words of whoever answered or did it."""

import re
from collections.abc import Sequence
from itertools import groupby

from agents.providers.local.summarising.quoting import Said, Told, quote, told_of
from agents.providers.local.summarising.turns import Turn
from agents.providers.local.summarising.words import deed_in
from agents.words import content_words, numbers_in

MAX_SENTENCES = 4
MAX_CHARS = 270
TELLING = 2.0
LATE = 0.3  # for the deed that was told last
SHORT = 3  # sentences of an answer
RECORD = "On record"
_SPEAKERS = {"assistant": "The assistant answered", "consultant": "A consultant answered"}
_VERDICT = re.compile(r"(?:ok(?:ay)?,? )?(?:yes|no|correct|unfortunately|sorry|ja|nein|leider)\b", re.IGNORECASE)


def outcomes_of(turns: Sequence[Turn], problem: Told) -> list[Told]:
    """The sentences that tell most of what came of the problem, in order, one statement an event: the best of the last
    reply and of each reply to what is quoted of the customer, then others that tell much."""
    answered = [turn for turn in turns if not turn.is_unanswered]
    ranked = [_ranked(turn, problem) for turn in answered]
    quoted = [set(turn.asked) & set(problem.quotes) for turn in answered]
    of_quoted = [said for said, is_quoted in zip(ranked, quoted, strict=True) if is_quoted]
    best = [said[0] for said in (*ranked[-1:], *of_quoted) if said]
    wanted = content_words(problem.text)
    telling = [one for said in reversed(ranked) for one in said if _worth(one, wanted) >= TELLING]
    picked = list(dict.fromkeys([*best, *telling]))[:MAX_SENTENCES]
    listed = [_next(one, answered) for one in picked if one.text.endswith(":")]
    picked = sorted({*picked, *filter(None, listed)}, key=lambda one: one.place)
    return [_told(list(told)) for _, told in groupby(picked, key=lambda one: one.event.number)]


def _next(one: Said, turns: Sequence[Turn]) -> Said | None:
    """The sentence after `one` in its event: what "follow these steps:" is nothing without."""
    said = (other for turn in turns for other in turn.replied)
    return next((other for other in said if other.event is one.event and other.place == one.place + 1), None)


def _told(said: Sequence[Said]) -> Told:
    """What one event says; its last sentences alone when those fill a statement."""
    while len(said) > 1 and len(quote(said)) > MAX_CHARS:
        said = said[1:]
    return told_of("outcome", _SPEAKERS.get(said[0].event.author, RECORD), said)


def _ranked(turn: Turn, problem: Told) -> list[Said]:
    """What was replied in `turn`, what tells most of the outcome first."""
    wanted = content_words(" ".join(one.text for one in turn.asked) or problem.text)
    said = [one for one in turn.replied if one not in problem.quotes]
    worth = {one: _worth(one, wanted) + _late(one, place / len(said)) for place, one in enumerate(said)}
    return sorted(said, key=lambda one: -worth[one])


def _late(one: Said, place: float) -> float:
    """Of deeds the last one counts; an answer says first what matters."""
    return LATE * place if deed_in(one.text) else 0.0


def _worth(one: Said, wanted: set[str]) -> float:
    """How much a sentence tells of the outcome: deeds, verdicts, what was asked about, how an answer begins, numbers.

    In a long answer other deeds are told of than those of this customer's matter.
    """
    worth = (1.3 if len(one.event.sentences) <= SHORT else 0.1) if deed_in(one.text) else 0.0
    worth += 1.2 * min(1.0, len(content_words(one.text) & wanted) / 3)
    worth += 0.7 if one.opens else 0.0
    worth += 0.6 if _VERDICT.match(one.text) else 0.0
    return worth + (0.3 if numbers_in(one.text) else 0.0)
