"""Ninety days of cases as facts: what the agent answers, what people answer, and who comes back."""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omnicqm.demo.history.people import CATEGORIES, CHANNELS, Person, people_invent, picked
from omnicqm.demo.history.rhythm import Calendar
from omnicqm.demo.history.telling import WINDOW, Beginning, Facts, Telling

_ALONE = {  # how often the agent answers alone, with the earlier and the new prompt
    "orders": (0.80, 0.88), "returns": (0.83, 0.91), "product": (0.86, 0.92), "billing": (0.66, 0.78),
    "account": (0.42, 0.50), "technical": (0.60, 0.70), "complaint": (0.12, 0.18),
}  # fmt: skip


@dataclass
class CaseHistory:
    """Invents cases in the order of time; the same `chance` invents the same ones."""

    calendar: Calendar
    chance: random.Random
    versions: tuple[str, str]
    facts: Facts = field(default_factory=Facts)
    _due: list[Beginning] = field(default_factory=list)

    def invent(self) -> Facts:
        people = people_invent(self.chance)
        for day in self.calendar.days:
            for _ in range(self.calendar.cases(day, self.chance)):
                person = self.chance.choice(people)
                category, channel = picked(CATEGORIES, self.chance), picked(CHANNELS, self.chance)
                self._begin(self.calendar.moment(day, self.chance), person, category, channel)
        for beginning in self._in_order():
            self._case(beginning)
        self._returns_mark()
        return self.facts

    def _begin(self, at: datetime, person: Person, category: str, channel: str, returns: int = 0) -> None:
        if at < self.calendar.until:
            heapq.heappush(self._due, Beginning(at, len(self._due), person, category, channel, returns))

    def _in_order(self) -> Iterator[Beginning]:
        while self._due:
            yield heapq.heappop(self._due)

    def _case(self, begun: Beginning) -> None:
        number, chance = len(self.facts.cases), self.chance
        broken = self.calendar.is_incident(begun.at)
        is_new = self.calendar.has_new_prompt(begun.at)
        alone = chance.random() < _ALONE[begun.category][is_new] * (0.55 if broken else 1)
        asks_back = chance.random() < 0.09
        case = Telling(self, begun, f"cnv_demo{number:022}", self.versions[is_new], broken)
        if asks_back:
            case.query("clarification")
        for _ in range(chance.choices((0, 1, 2), weights=(78, 17, 5))[0] if alone else 0):
            case.query("answered")
        case.query("answered" if alone else "escalated")
        reopened = alone and chance.random() < 0.03 and case.reopen()
        self._end(case, begun, alone and not reopened, reopened)

    def _end(self, case: Telling, begun: Beginning, alone: bool, reopened: bool) -> None:
        """It is told, and now and then its customer will come back about it on some channel."""
        back_at = case.answered_at + timedelta(hours=self.chance.uniform(5, 150))
        if self.chance.random() < (0.06 if alone else 0.04) and begun.returns < 2:
            channel = picked(CHANNELS, self.chance)
            self._begin(back_at, begun.person, begun.category, channel, begun.returns + 1)
        case.end(resolved=alone, reopened=reopened)

    def _returns_mark(self) -> None:
        """Who came back about the same category within the window, by chance too, as `analytics.facts.cases` says."""
        asked: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
        for query in self.facts.queries:
            asked[query.customer_id, query.category].append((query.at, query.conversation_id))
        for case in self.facts.cases:
            assert case.answered_at
            assert case.window_until
            case.came_back = any(
                case.answered_at < at <= case.answered_at + WINDOW and key != case.conversation_id
                for at, key in asked[case.customer_id, case.category]
            )
            case.resolved = case.resolved and not case.came_back
            case.is_provisional = case.resolved and case.window_until > self.calendar.now
