"""The queue's filters, as they stand in its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from conversations.escalations.selectors import Tab, escalations_queue
from conversations.models import Escalation
from omnicqm.console.queue.searching import search_condition

USUAL: Tab = "all"
TABS: Mapping[Tab, str] = {
    "all": "All open",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "waiting": "Waiting",
    "snoozed": "Snoozed",
    "resolved": "Resolved",
}
DUE = {"overdue": "Overdue", "soon": "Due within the hour"}
CHOSEN = ("due", "channel", "reason", "category", "language")
MOST_CHARS = 200
FULL_SCORE = 100


@dataclass(frozen=True)
class Filters:
    """`chosen` holds what was chosen of `CHOSEN`; `low` and `high` are of the score, None without; `text` is searched.
    `problems` say what of the address was not understood and left out."""

    tab: Tab
    chosen: Mapping[str, str] = field(default_factory=dict)
    low: int | None = None
    high: int | None = None
    text: str = ""
    problems: tuple[str, ...] = ()

    @property
    def pairs(self) -> dict[str, str]:
        """What stands in the address beside the tab."""
        scores = {"score_min": self.low, "score_max": self.high}
        numbers = {name: str(value) for name, value in scores.items() if value is not None}
        return {**self.chosen, **numbers, **({"q": self.text} if self.text else {})}

    @property
    def query(self) -> str:
        return urlencode({"tab": self.tab, **self.pairs})

    def without(self, *names: str, tab: str = "") -> str:
        """The address without these filters, in another tab if named."""
        kept = {name: value for name, value in self.pairs.items() if name not in names}
        return urlencode({"tab": tab or self.tab, **kept})

    def escalations(self, user: Any, *, among: Sequence[str] | None = None) -> QuerySet[Escalation]:
        """What they leave, in the order of the tab; of the ids `among` if there are."""
        rows = escalations_queue(user, self.tab, self.pairs)
        if among is not None:
            rows = rows.filter(pk__in=among)
        return rows.filter(search_condition(self.text, among_few=among is not None)) if self.text else rows


def filters_read(params: QueryDict) -> Filters:
    """From an address. What makes no sense is left out and said."""
    problems: list[str] = []
    tab = _tab(params, problems)
    chosen = {name: _text(params, name) for name in CHOSEN if _text(params, name)}
    if chosen.get("due", "overdue") not in DUE:
        problems.append("'due' is overdue or soon.")
        del chosen["due"]
    low, high = (_score(params, name, problems) for name in ("score_min", "score_max"))
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Filters(tab, chosen, low, high, _text(params, "q"), tuple(problems))


def _tab(params: QueryDict, problems: list[str]) -> Tab:
    wanted = params.get("tab") or USUAL
    found = next((tab for tab in TABS if tab == wanted), None)
    if found is None:
        problems.append(f"There is no such tab; '{TABS[USUAL]}' is shown.")
    return found or USUAL


def _text(params: QueryDict, name: str) -> str:
    return params.get(name, "").replace("\x00", "").strip()[:MOST_CHARS]


def _score(params: QueryDict, name: str, problems: list[str]) -> int | None:
    text = _text(params, name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 3) or int(text) > FULL_SCORE:
        problems.append("A score is a whole number from 0 to 100.")
        return None
    return int(text)
