"""What the queue's filters offer, and the chosen ones in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.models import Category
from conversations.models import Channel, Escalation
from omnicqm.common.cache import kept
from omnicqm.console.queue.filters import DUE, FULL_SCORE, Filters
from omnicqm.console.queue.reasons import FACTORS, REASONS
from omnicqm.console.templatetags.console import language_name

KEPT_SECONDS = 300


@dataclass(frozen=True)
class Choice:
    value: str
    title: str
    is_chosen: bool


@dataclass(frozen=True)
class Menu:
    """One drop-down of the filter bar; `name` is what its address calls it."""

    name: str
    title: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    words: str
    query: str


def menus(filters: Filters) -> list[Menu]:
    """The drop-downs, with what is chosen in them."""
    offered = _offered()
    return [_menu(name, title, offered[name], filters) for name, title in _TITLES.items()]


def chips(filters: Filters) -> list[Chip]:
    """Every filter that is on, in the order of the bar."""
    offered = _offered()
    words = [
        (name, f"{_TITLES[name]}: {dict(offered[name]).get(value, value)}") for name, value in filters.chosen.items()
    ]
    found = [Chip(told, filters.without(name)) for name, told in words]
    if filters.low is not None or filters.high is not None:
        low, high = filters.low or 0, FULL_SCORE if filters.high is None else filters.high
        found.append(Chip(f"Score: {low} to {high}", filters.without("score_min", "score_max")))
    if filters.text:
        found.append(Chip(f"“{filters.text}”", filters.without("q")))
    return found


_TITLES = {"due": "Due", "channel": "Channel", "reason": "Reason", "category": "Category", "language": "Language"}


def _menu(name: str, title: str, offered: Sequence[tuple[str, str]], filters: Filters) -> Menu:
    chosen = filters.chosen.get(name, "")
    if chosen and chosen not in dict(offered):
        offered = [*offered, (chosen, chosen)]
    return Menu(name, title, [Choice(value, words, value == chosen) for value, words in offered])


def _offered() -> dict[str, list[tuple[str, str]]]:
    return kept("console:queue:choices", KEPT_SECONDS, _read)


def _read() -> dict[str, list[tuple[str, str]]]:
    languages = Escalation.objects.exclude(language="").order_by("language").values_list("language", flat=True)
    return {
        "due": list(DUE.items()),
        "channel": [(channel.pk, channel.title) for channel in Channel.objects.order_by("title")],
        "reason": sorted([*REASONS.items(), *FACTORS.items()], key=lambda one: one[1]),
        "category": [(category.key, category.title) for category in Category.objects.all()],
        "language": [(code, language_name(code)) for code in languages.distinct()],
    }
