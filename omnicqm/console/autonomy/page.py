"""What the pages of autonomy show, gathered in few queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.selectors import CategorySetting, category_settings
from agents.types import Autonomy
from analytics.evaluation.statistics import Estimate, share
from conversations.selectors import channel_limits, channel_titles
from feedback.autonomy.breaker import breakers_of
from feedback.autonomy.selectors import ShadowCount, shadow_counts, shadow_worst
from feedback.learning.diffs import Stretch, changes_between, stretches
from feedback.models import AutonomyBreaker, ShadowComparison

AUTONOMY_WORDS: Mapping[str, tuple[str, str]] = {
    "shadow": ("Shadow", "It writes an answer nobody sees; people answer, and both are compared"),
    "draft": ("Draft", "It suggests, people send"),
    "auto": ("Auto", "It answers alone from the threshold on"),
}
WOULD_WORDS = {"auto_send": "would have been sent", "clarify": "would have asked back", "escalate": "for people anyway"}


@dataclass(frozen=True)
class CategoryLine:
    """A category in the table."""

    setting: CategorySetting
    breaker: AutonomyBreaker
    shadow: ShadowCount | None
    choices: list[tuple[str, str, str, bool]]

    @property
    def agreement(self) -> Estimate:
        return share(self.shadow.agrees, self.shadow.n) if self.shadow else share(0, 0)

    @property
    def watched(self) -> str:
        """The state of its breaker, in a word."""
        if self.breaker.tripped_at is not None:
            return "tripped"
        if not self.breaker.enabled:
            return "off"
        if self.setting.autonomy is not Autonomy.AUTO:
            return "idle"
        return "close" if self.breaker.misses else "watching"


def category_lines() -> list[CategoryLine]:
    settings, counts = category_settings(), shadow_counts()
    breakers = breakers_of([setting.key for setting in settings])
    return [_line(setting, breakers, counts) for setting in settings]


def _line(
    setting: CategorySetting, breakers: Mapping[str, AutonomyBreaker], counts: Mapping[str, ShadowCount]
) -> CategoryLine:
    choices = [(key, *words, key == setting.autonomy) for key, words in AUTONOMY_WORDS.items()]
    return CategoryLine(setting, breakers[setting.key], counts.get(setting.key), choices)


def channels_below_auto() -> list[tuple[str, str]]:
    """Channels that allow less than auto whatever a category says: title and the word for it."""
    titles = channel_titles()
    return [
        (titles.get(key, key), AUTONOMY_WORDS[limit][0].lower())
        for key, (_, limit) in channel_limits().items()
        if limit is not Autonomy.AUTO
    ]


@dataclass(frozen=True)
class Pair:
    """What both wrote, side by side, with what only one of them has."""

    comparison: ShadowComparison
    agent: list[Stretch]
    consultant: list[Stretch]

    @property
    def would(self) -> str:
        return WOULD_WORDS.get(self.comparison.would, self.comparison.would)


@dataclass(frozen=True)
class ShadowPage:
    category: CategorySetting
    lines: list[CategoryLine]
    agreement: Estimate
    would_send: Estimate
    sent_agreement: Estimate
    pairs: list[Pair]


def shadow_page(category: str) -> ShadowPage | None:
    """The comparisons of `category`, of the one with most of them unless it is one of ours; None when there are none
    at all."""
    lines = [line for line in category_lines() if line.shadow]
    if not lines:
        return None
    by_key = {line.setting.key: line for line in lines}
    most = max(lines, key=lambda one: one.shadow.n if one.shadow else 0)
    line = by_key.get(category, most)
    count = line.shadow
    assert count is not None
    return ShadowPage(
        category=line.setting,
        lines=lines,
        agreement=share(count.agrees, count.n),
        would_send=share(count.would_send, count.n),
        sent_agreement=share(count.would_send_agrees, count.would_send),
        pairs=pairs_of(list(shadow_worst(line.setting.key))),
    )


def pairs_of(comparisons: list[ShadowComparison]) -> list[Pair]:
    return [_pair(comparison) for comparison in comparisons]


def _pair(comparison: ShadowComparison) -> Pair:
    message: Any = comparison.message
    agent, sent = comparison.run.reply_text, message.text
    both = list(stretches(changes_between(agent, sent), sent))
    return Pair(
        comparison=comparison,
        agent=[part for part in both if part.kind != "in"],
        consultant=[part for part in both if part.kind != "out"],
    )
