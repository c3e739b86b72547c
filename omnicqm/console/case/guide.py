"""The step-by-step guide of a case: what is done, by whom and when, and what comes next."""

from dataclasses import dataclass

from conversations.desk.selectors import guide_for, guide_ticks
from conversations.models import Escalation, Guide, GuideStep, GuideTick


@dataclass(frozen=True)
class Step:
    """`step` is None for one that the handoff brought along: it can be read, not ticked off."""

    text: str
    detail: str = ""
    step: GuideStep | None = None
    tick: GuideTick | None = None


@dataclass(frozen=True)
class GuideCard:
    """`guide` is None where the category has none and the steps come from the handoff."""

    guide: Guide | None
    steps: list[Step]

    @property
    def done(self) -> int:
        return sum(step.tick is not None for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if step.tick is None), None)


def guide_card(escalation: Escalation) -> GuideCard:
    """Of the version that was begun with, else the current one of the category, else what the handoff found."""
    ticks = guide_ticks(escalation)
    guide = guide_for(escalation, category=category_of(escalation))
    if guide is None:
        return GuideCard(None, [Step(text) for text in escalation.packet.get("guide", [])])
    return GuideCard(guide, [Step(one.text, one.detail, one, ticks.get(one.pk)) for one in guide.steps.all()])


def category_of(escalation: Escalation) -> str:
    """The key of what the case is about; what a person said about the conversation counts more than the run."""
    return escalation.conversation.category or escalation.packet.get("category", "") or escalation.queue
