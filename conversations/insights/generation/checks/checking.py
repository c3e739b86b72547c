"""The checks of one draft against the events it is about."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.utils import timezone

from agents.errors import GuardHit
from agents.guard import Known, instructions_check, strangers_check
from agents.screening import planted_find
from agents.summary import Statement, StatementKind, SummaryDraft
from agents.words import content_words, stem, word_list
from conversations.insights.generation.checks.dates import Dating, Day, dates_missing, dates_split, day_of
from conversations.insights.generation.checks.figures import Figure, figures_in, figures_missing, spelled_in
from conversations.insights.generation.checks.outcomes import outcomes_unborne
from conversations.insights.generation.cleaning import WITHHELD
from conversations.interactions.types import HistoryEvent

MIN_SUPPORT = 0.5  # share of a statement's words that its events have, reporting words aside
MIN_CLAUSE_SUPPORT = 0.3  # of each part of it, by all events
MAX_WORDS = 220
MAX_PROBLEMS = 6  # told to the model that repairs
_REPORTING = frozenset(map(stem, word_list(Path(__file__).parent.parent / "data" / "reporting.txt")))
_ABSENCE = re.compile(
    r"\b(?:not?|nobody|nothing|never|un(?:answered|clear|known|resolved|settled|decided)|missing|open|pending|outstanding|"
    r"still|yet|remains?|remained|waiting|awaiting|expected)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,;:–—]|\b(?:and|but|because|while|which|who|und|aber|weil)\b", re.IGNORECASE)
_COMPANY = frozenset({"assistant", "consultant", "other"})


@dataclass(frozen=True)
class Problem:
    """What is wrong: `code` for counting, `text` for whoever repairs it. Quotes the draft: not for logs."""

    code: str
    text: str


@dataclass(frozen=True)
class Checked:
    """`support` is that of the weakest statement, 0 to 1."""

    problems: tuple[Problem, ...]
    support: float

    @property
    def codes(self) -> list[str]:
        return sorted({problem.code for problem in self.problems})


@dataclass(frozen=True)
class Evidence:
    """What the events say, read once for all statements, and only as far as these ask for it.

    `events` are cleaned, and numbered from 1 by their place.
    """

    events: tuple[HistoryEvent, ...]

    @cached_property
    def known(self) -> Known:
        return Known(own=[said.text for said in self.said])

    @cached_property
    def words(self) -> frozenset[str]:
        """Of all events."""
        return frozenset().union(*(said.words for said in self.said))

    @cached_property
    def said(self) -> tuple["Said", ...]:
        """What each event says."""
        return tuple(map(Said, self.events))

    def said_first(self, named: Collection[int]) -> Iterator["Said"]:
        """What each event says, of those that are `named` first: there is most often found what is looked for."""
        numbered = list(enumerate(self.said, start=1))
        yield from (said for number, said in numbered if number in named)
        yield from (said for number, said in numbered if number not in named)


class Said:
    """What one event says, each thing read when it is first asked for: most are by few statements."""

    def __init__(self, event: HistoryEvent) -> None:
        self._event, self.text = event, _evident(event)

    @cached_property
    def days(self) -> list[Day]:
        """When it was, and the days it tells of."""
        at, (dates, _) = self._event.at, self._split
        told = [day.near(at) for dating in dates for day in dating.days]
        return [*map(day_of, (at, timezone.localtime(at))), *told]

    @cached_property
    def figures(self) -> list[Figure]:
        _, rest = self._split
        return [*figures_in(rest), *spelled_in(rest)]

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(content_words(self.text))

    @cached_property
    def _split(self) -> tuple[list[Dating], str]:
        return dates_split(self.text)


def draft_check(draft: SummaryDraft, evidence: Evidence) -> Checked:
    """Everything that is wrong with `draft`; it may be shown when there are no problems."""
    supports = [_support(statement, evidence) for statement in draft.statements]
    problems = [*_length_problems(draft), *_subject_problems(draft, evidence)]
    for statement, support in zip(draft.statements, supports, strict=True):
        problems += _statement_problems(statement, support, evidence)
    return Checked(tuple(problems[:MAX_PROBLEMS]), round(min(supports), 2))


def _length_problems(draft: SummaryDraft) -> Iterator[Problem]:
    words = sum(len(statement.text.split()) for statement in draft.statements)
    if words > MAX_WORDS:
        yield Problem("length", f"It has {words} words, at most {MAX_WORDS} are allowed.")
    for matter in draft.matters:
        if [s.kind for s in matter.statements].count(StatementKind.PROBLEM) != 1:
            yield Problem("shape", f'The matter "{matter.subject}" needs exactly one problem.')


def _subject_problems(draft: SummaryDraft, evidence: Evidence) -> Iterator[Problem]:
    for matter in draft.matters:
        named = {number for told in matter.statements for number in told.events}
        yield from _fact_problems(_sentence_case(matter.subject), evidence, named)
        told = content_words(matter.subject) - _REPORTING
        if len(told) > 1 and len(told & evidence.words) / len(told) < MIN_CLAUSE_SUPPORT:
            yield Problem("support", f'The subject "{matter.subject}" is in no event.')
        yield from _figure_problems(matter.subject, evidence, named)


def _sentence_case(subject: str) -> str:
    """A subject In Title Case would be full of names."""
    words = [word for word in subject.split() if len(word) > 3 and word.isalpha()]
    return subject.lower() if len(words) > 1 and all(word.istitle() for word in words) else subject


def _statement_problems(statement: Statement, support: float, evidence: Evidence) -> Iterator[Problem]:
    if any(number > len(evidence.events) for number in statement.events):
        yield Problem("events", f'"{statement.text}" names an event that was not given.')
        return
    named = set(statement.events)
    yield from _fact_problems(statement.text, evidence, named)
    yield from _figure_problems(statement.text, evidence, named)
    if support < MIN_SUPPORT:
        yield Problem("support", f'"{statement.text}" is not what its events say.')
    elif (clause := _strange_clause(statement, evidence)) is not None:
        yield Problem("support", f'No event says "{clause}".')
    if statement.kind is not StatementKind.PROBLEM:
        yield from _outcome_problems(statement, evidence)


def _fact_problems(text: str, evidence: Evidence, named: set[int]) -> Iterator[Problem]:
    """A date stands in some event, and most likely in one that is named."""
    dates, _ = dates_split(text)
    for written in dates_missing(dates, (day for said in evidence.said_first(named) for day in said.days)):
        yield Problem("date", f'The date "{written}" stands in no event.')
    try:
        instructions_check(text)
        strangers_check(text, evidence.known, ())
    except GuardHit as hit:
        yield Problem("stranger", f'"{text}": {hit.message.replace("The reply", "It")}')
    if WITHHELD in text or planted_find(text):
        yield Problem("instruction", f'"{text}" repeats an instruction.')


def _figure_problems(text: str, evidence: Evidence, named: set[int]) -> Iterator[Problem]:
    """A number stands in some event; an amount in one that is named, for amounts of one matter are not another's."""
    _, rest = dates_split(text)
    figures = figures_in(rest)
    events = [said for number, said in enumerate(evidence.said, start=1) if number in named]
    missing = figures_missing(figures, (known for said in evidence.said_first(named) for known in said.figures))
    amounts = [figure for figure in figures if figure.unit]
    missing += figures_missing(amounts, (known for said in events for known in said.figures))
    for written in dict.fromkeys(missing):
        yield Problem("amount", f'The amount or number "{written}" stands in no event that is named.')


def _outcome_problems(statement: Statement, evidence: Evidence) -> Iterator[Problem]:
    events = [evidence.events[number - 1] for number in statement.events]
    said = [event.text for event in events if event.author in _COMPANY]
    for word in outcomes_unborne(statement.text, said):
        yield Problem("outcome", f'"{statement.text}": no event it names says that something was {word}.')


def _support(statement: Statement, evidence: Evidence) -> float:
    """The share of the statement's words that are in its events and in all events, which count alike: what "it" is was
    often said before.

    Of what is missing or not answered no event can tell, and of a mere number it was checked that it is there.
    """
    told = content_words(statement.text) - _REPORTING
    is_open = statement.kind is StatementKind.OPEN
    if not told or (is_open and _ABSENCE.search(statement.text)) or (len(told) == 1 and figures_in(statement.text)):
        return 1.0
    numbers = [number for number in statement.events if number <= len(evidence.events)]
    named = frozenset().union(*(evidence.said[number - 1].words for number in numbers))
    anywhere = 1.0 if told <= named else len(told & evidence.words) / len(told)
    return anywhere if is_open else (len(told & named) / len(told) + anywhere) / 2


def _strange_clause(statement: Statement, evidence: Evidence) -> str | None:
    """A part of the statement that is about something else than all events: hidden among much that was said."""
    if statement.kind is StatementKind.OPEN and _ABSENCE.search(statement.text):
        return None
    for clause in _CLAUSES.split(statement.text):
        told = content_words(clause) - _REPORTING
        if len(told) > 2 and len(told & evidence.words) / len(told) < MIN_CLAUSE_SUPPORT:
            return clause.strip()
    return None


def _evident(event: HistoryEvent) -> str:
    labels = " ".join(filter(None, (event.intent.replace("_", " "), event.reference, event.channel)))
    return f"{event.text.replace(WITHHELD, ' ')}\n{labels}"
